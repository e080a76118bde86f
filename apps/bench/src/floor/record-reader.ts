import { type ClientJob, openReader } from '../connections/kafka-clients.js';

/** The other half of the raw record copy: reads records and counts their bytes. */
export async function role(job: ClientJob) {
  const consumer = await openReader(job);
  let read = 0;
  let expected = 0;
  let reached: () => void = () => undefined;
  consumer.consume((error, message) => {
    if (error) return;
    // Typed as an array; it is one message.
    read += (message as unknown as { value: Buffer | null }).value?.length ?? 0;
    if (read >= expected) reached();
  });
  return {
    /** Resolves when so many more bytes than were expected before have been read. */
    async expect(bytes: number): Promise<void> {
      expected += bytes;
      if (read >= expected) return;
      await new Promise<void>((resolve) => {
        reached = resolve;
      });
    },
  };
}
