// What somebody writes who runs both tiers inside a process of their own: started by nothing but what the packages
// export. It prints, in JSON, what came of one request.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { startEmbeddedBroker } from '@kafka-http-proxy/kafka';
import { type RunningProcessor, startProcessor } from '@kafka-http-proxy/processor';
import { processorConfig, proxyConfig } from '@kafka-http-proxy/protocol';
import { type RunningProxy, startProxy } from '@kafka-http-proxy/proxy';
import { createLogger, createRegistry } from '@kafka-http-proxy/service';

const logger = createLogger({ name: 'consumer', level: 'warn' });
const contextOf = (name: string) => ({ logger, registry: createRegistry({ name, version: '1.0.0' }) });

const backend = createServer((request, response) => response.end(`${request.method} ${request.url}`));
await new Promise<void>((resolve) => backend.listen(0, '127.0.0.1', resolve));
const { port } = backend.address() as AddressInfo;

const broker = await startEmbeddedBroker();
const kafka = { bootstrap_servers: broker.bootstrapServers, properties: broker.properties };
const [request_topic, response_topic] = ['orders-requests', 'orders-responses'];

const processor: RunningProcessor = await startProcessor(
  processorConfig.parse({
    kafka,
    topics: [{ request_topic, response_topic, backend_url: `http://127.0.0.1:${port}` }],
    shutdown_grace: 5,
  }),
  contextOf('processor'),
);
const proxy: RunningProxy = await startProxy(
  proxyConfig.parse({
    kafka,
    host: '127.0.0.1',
    port: 0,
    default_request_topic: request_topic,
    default_response_topic: response_topic,
    shutdown_grace: 5,
  }),
  contextOf('proxy'),
);
await Promise.all([processor.connected, proxy.connected]);

const response = await fetch(`http://127.0.0.1:${proxy.port}/orders/42`, { method: 'PUT', body: 'two' });
console.log(JSON.stringify({ status: response.status, body: await response.text() }));

await proxy.stop();
await processor.stop();
await broker.close();
backend.close();
