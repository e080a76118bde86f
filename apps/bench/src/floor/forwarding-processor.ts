import type { Message } from '@confluentinc/kafka-javascript';
import { type Dispatcher, Pool } from 'undici';
import { openAdaptiveWriter } from './adaptive-writer.js';
import type { FloorJob } from './forwarding-proxy.js';
import { header, readRecords } from './request-reader.js';

/** Requests of a connection that are for its backend alone. */
const HOP_BY_HOP = new Set(['connection', 'content-length', 'host', 'keep-alive', 'transfer-encoding']);

/**
 * The least that a processor has to do: each record becomes a request, its response a record. No deadline, no
 * retry, no order; offsets are committed by time, whatever became of the records.
 */
export async function role({ broker, requestTopic, responseTopic, backend }: FloorJob & { readonly backend: string }) {
  const writer = await openAdaptiveWriter(broker);
  const pool = new Pool(backend, { connections: 256, pipelining: 1 });
  let active = 0;

  const forward = async (message: Message): Promise<void> => {
    active++;
    const { statusCode, headers, body } = await pool.request({
      method: header(message, 'method') as Dispatcher.HttpMethod,
      path: header(message, 'target'),
      headers: passable(JSON.parse(header(message, 'fields')) as string[]),
      body: message.value,
      responseHeaders: 'raw',
    });
    const value = Buffer.from(await body.arrayBuffer());
    const fields = passable(headers as unknown as string[]);
    fields.push('Content-Length', String(value.length));
    const back = [{ id: header(message, 'id') }, { status: String(statusCode) }, { fields: JSON.stringify(fields) }];
    writer.write(responseTopic, 0, value, back, active--);
  };
  await readRecords({ broker, topic: requestTopic, partition: null }, (message) => void forward(message));
  return {};
}

function passable(raw: readonly string[]): string[] {
  const fields: string[] = [];
  for (let i = 0; i < raw.length; i += 2) {
    if (!HOP_BY_HOP.has(String(raw[i]).toLowerCase())) fields.push(String(raw[i]), String(raw[i + 1]));
  }
  return fields;
}
