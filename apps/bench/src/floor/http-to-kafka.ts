import { createServer, type IncomingMessage } from 'node:http';
import { type ClientJob, openRecordStream, RECORD_BYTES, type RecordStream } from '../connections/kafka-clients.js';
import { listen } from '../connections/listen.js';

/** The least that a proxy has to do with an upload: its bytes become records, and an empty record its end. */
export async function role(job: ClientJob) {
  const stream = await openRecordStream(job);
  const server = createServer((request, response) => {
    forward(request, stream).then(
      (bytes) => response.end(JSON.stringify({ bytes })),
      () => response.destroy(),
    );
  });
  const port = await listen(server);
  return { origin: async () => `http://127.0.0.1:${port}` };
}

async function forward(request: IncomingMessage, stream: RecordStream): Promise<number> {
  let total = 0;
  let chunks: Buffer[] = [];
  let bytes = 0;
  const send = (): Promise<void> | undefined => {
    const value = chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks, bytes);
    chunks = [];
    bytes = 0;
    return stream.write(value);
  };
  for await (const chunk of request as AsyncIterable<Buffer>) {
    chunks.push(chunk);
    bytes += chunk.length;
    total += chunk.length;
    const full = bytes >= RECORD_BYTES ? send() : undefined;
    if (full) await full;
  }
  if (bytes > 0) await send();
  await stream.write(null);
  await stream.flushed();
  return total;
}
