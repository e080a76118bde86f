import { type ClientJob, openRecordStream, RECORD_BYTES } from '../connections/kafka-clients.js';
import { CHUNK_BYTES } from '../payload/body.js';

/** Half of the raw record copy: writes bytes as records. */
export async function role(job: ClientJob) {
  const stream = await openRecordStream(job);
  const value = Buffer.alloc(RECORD_BYTES + CHUNK_BYTES, 'record');
  return {
    /** Resolves when Kafka has them. */
    async write(bytes: number): Promise<void> {
      for (let left = bytes; left > 0; left -= RECORD_BYTES) {
        const full = stream.write(value.subarray(0, Math.min(left, RECORD_BYTES)));
        if (full) await full;
      }
      await stream.flushed();
    },
  };
}
