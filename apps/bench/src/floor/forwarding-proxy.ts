import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { BrokerUnderTest } from '@kafka-http-proxy/testkit';
import { listen } from '../connections/listen.js';
import { openAdaptiveWriter } from './adaptive-writer.js';
import { header, readRecords } from './request-reader.js';

export interface FloorJob {
  readonly broker: BrokerUnderTest;
  readonly requestTopic: string;
  readonly responseTopic: string;
}

/**
 * The least that a proxy has to do: each request becomes a record, and the record that comes back under its
 * number its response. No deadline, no check, no limit, no metric, no log.
 */
export async function role({ broker, requestTopic, responseTopic }: FloorJob) {
  const writer = await openAdaptiveWriter(broker);
  const pending = new Map<string, ServerResponse>();
  let last = 0;

  await readRecords({ broker, topic: responseTopic, partition: 0 }, (message) => {
    const id = header(message, 'id');
    const response = pending.get(id);
    if (response === undefined) return;
    pending.delete(id);
    response.writeHead(Number(header(message, 'status')), JSON.parse(header(message, 'fields')) as string[]);
    response.end(message.value);
  });

  const forward = (request: IncomingMessage, response: ServerResponse, body: Buffer | null) => {
    const id = String(++last);
    pending.set(id, response);
    const headers = [
      { id },
      { method: request.method ?? '' },
      { target: request.url ?? '' },
      { fields: JSON.stringify(request.rawHeaders) },
    ];
    writer.write(requestTopic, null, body, headers, pending.size);
  };
  const server = createServer((request, response) => {
    if (request.headers['content-length'] === undefined) {
      forward(request, response, null);
      return;
    }
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => forward(request, response, Buffer.concat(chunks)));
  });
  const port = await listen(server);
  return { origin: async () => `http://127.0.0.1:${port}` };
}
