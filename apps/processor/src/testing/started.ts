import { createLogger, createRegistry } from '@kafka-http-proxy/service';
import { onTestFinished } from 'vitest';
import { type RunningProcessor, startProcessor } from '../start.js';
import { MemoryKafka } from './memory-kafka.js';
import { config, record } from './samples.js';

/** A whole answer. */
export const OK = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok';

/** Starts a processor on a Kafka in memory; it stops with the test. */
export async function start(change: Parameters<typeof config>[0], kafka = new MemoryKafka()) {
  const lines: string[] = [];
  const processor: RunningProcessor = await startProcessor(config(change), {
    logger: createLogger({ name: 'test', level: 'info', destination: { write: (line) => void lines.push(line) } }),
    registry: createRegistry({ name: 'test', version: '0' }),
    clients: kafka.clients,
  });
  onTestFinished(() => processor.stop());
  const get = async (path: string) => {
    const response = await fetch(`http://127.0.0.1:${processor.managementPort}${path}`);
    return { status: response.status, text: await response.text() };
  };
  return { processor, kafka, lines, get };
}

/** A record that is written now. */
export const fresh = (change: Parameters<typeof record>[0] = {}, envelope: Parameters<typeof record>[1] = {}) =>
  record({ timestampMs: Date.now(), ...change }, envelope);
