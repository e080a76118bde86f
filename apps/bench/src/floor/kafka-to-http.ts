import type { KafkaConsumer } from '@confluentinc/kafka-javascript';
import { type ClientJob, openReader } from '../connections/kafka-clients.js';
import { type Received, type Upload, upload } from '../load/upload.js';

/** Records taken from the client at a time: what is read and not yet written is bounded by them. */
const TAKEN = 4;

/** The least that a processor has to do with an upload: records become the body of a request, an empty record its end. */
export async function role(job: ClientJob & { readonly backend: string }) {
  const consumer = await openReader(job);
  // The private setting by which a call does not wait for all of its records.
  (
    consumer as unknown as { setDefaultIsTimeoutOnlyForFirstMessage(on: boolean): void }
  ).setDefaultIsTimeoutOnlyForFirstMessage(true);
  const finished: Received[] = [];
  let told: () => void = () => undefined;

  const pump = async (): Promise<never> => {
    let current: Upload | undefined;
    for (;;) {
      for (const value of await take(consumer)) {
        current ??= upload(`${job.backend}/upload`, null);
        if (value === null) {
          finished.push(await current.end());
          current = undefined;
          told();
        } else {
          const full = current.write(value);
          if (full) await full;
        }
      }
    }
  };
  void pump();

  return {
    /** What the backend said of the next upload that is through. */
    async next(): Promise<Received> {
      for (;;) {
        const received = finished.shift();
        if (received !== undefined) return received;
        await new Promise<void>((resolve) => {
          told = resolve;
        });
      }
    },
  };
}

function take(consumer: KafkaConsumer): Promise<(Buffer | null)[]> {
  return new Promise((resolve, reject) => {
    consumer.consume(TAKEN, (error, messages) => {
      if (error) reject(error);
      else resolve(messages.map(({ value }) => value));
    });
  });
}
