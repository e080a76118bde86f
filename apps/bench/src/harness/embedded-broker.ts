import { startEmbeddedBroker } from '@kafka-http-proxy/kafka';

/** The embedded broker, in a process of its own. */
export async function role(_job: object) {
  const { bootstrapServers, properties } = await startEmbeddedBroker();
  return { address: async () => ({ bootstrapServers, properties }) };
}
