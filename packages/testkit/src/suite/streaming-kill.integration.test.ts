import { randomBytes } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { expect, inject, it } from 'vitest';
import { type Exchange, endOf, openExchange, within } from '../http/stream-client.js';
import { startStreamingBackend } from '../http/streaming-backend.js';
import { useBridge } from '../services/use-bridge.js';

const IDLE_MS = 3000;
/** The watch looks a few times in each idle timeout; the rest is for a busy machine. */
const LATEST_MS = IDLE_MS + 2000;
const EACH = 20;

const broker = inject('broker');

const stage = useBridge({ backend: startStreamingBackend, both: { STREAM_IDLE_TIMEOUT: String(IDLE_MS / 1000) } });

it('a processor that is killed leaves no reply that looks whole, none spliced, and no call that goes on', async () => {
  const calls = new Set<ServerResponse>();
  let executions = 0;
  let uploaded: () => void = () => undefined;
  stage.backend.handle = (request, response) => {
    if (request.url === '/') {
      response.end('alive');
      return;
    }
    calls.add(response);
    response.once('close', () => calls.delete(response));
    if (request.url === '/upload') answerAtTheEnd(request, response, uploaded);
    else answerLineByLine(executions++, request.url === '/known' ? { 'Content-Length': 1_000_000 } : {}, response);
  };
  const port = stage.port;
  const readers: Reader[] = [];
  for (let i = 0; i < EACH; i++) readers.push(await read(port, '/chunked'), await read(port, '/known'));
  const uploads: Exchange[] = [];
  for (let i = 0; i < EACH / 2; i++) {
    const started = new Promise<void>((resolve) => {
      uploaded = resolve;
    });
    const upload = openExchange(port, 'POST', '/upload', i % 2 ? { 'Content-Length': 10_000_000 } : {});
    upload.request.write(randomBytes(3_000_000));
    uploads.push(upload);
    await started;
  }

  const killed = stage.bridge.processor.stop('SIGKILL');
  const successor = stage.bridge.startProcessor();
  await killed;
  for (const { request } of uploads) request.end(randomBytes(7_000_000));
  const ends = await within(LATEST_MS, Promise.all(readers.map(({ end }) => end)));
  expect(new Set(ends)).toEqual(new Set(['cut']));
  for (const { text } of readers) expectOneExecution(text());
  for (const outcome of await within(LATEST_MS, Promise.all(uploads.map(outcomeOf)))) {
    expect(outcome).toMatch(/^(502 .*"processor_lost"|cut)/);
  }

  // What the killed one had not finished comes before these in its partition. (The embedded broker
  // takes half a minute to miss a member of a group.)
  await successor;
  if (broker.kind === 'kafka') {
    const fresh = Array.from({ length: EACH }, () => fetch(stage.bridge.origin).then((response) => response.text()));
    expect(new Set(await Promise.all(fresh))).toEqual(new Set(['alive']));
  }
  await expect.poll(() => calls.size, { timeout: 10_000 }).toBe(0);
});

interface Reader {
  /** What has come. */
  text(): string;
  readonly end: Promise<'whole' | 'cut'>;
}

/** Opens a reply, and resolves when it has begun to come. */
async function read(port: number, path: string): Promise<Reader> {
  const { request, response } = openExchange(port, 'GET', path);
  request.end();
  const message = await response;
  let text = '';
  await new Promise<void>((resolve) => {
    message.on('data', (chunk: Buffer) => {
      text += chunk.toString();
      resolve();
    });
  });
  return { text: () => text, end: endOf(message) };
}

/** Writes lines that tell which call of the backend they are of, for as long as there is somebody. */
function answerLineByLine(execution: number, headers: Record<string, number>, response: ServerResponse): void {
  response.writeHead(200, headers);
  let line = 0;
  const timer = setInterval(() => response.write(`${execution} ${line++}\n`), 20);
  response.once('close', () => clearInterval(timer));
}

/** Answers 200 to a body that came whole; tells when more of it has come than one record holds. */
function answerAtTheEnd(request: IncomingMessage, response: ServerResponse, uploaded: () => void): void {
  let received = 0;
  request.on('data', (chunk: Buffer) => {
    received += chunk.length;
    if (received > 2_000_000) uploaded();
  });
  request.once('end', () => response.end(`got ${received}`));
}

function expectOneExecution(text: string): void {
  // The last line may be half of one.
  const lines = text.split('\n').slice(0, -1);
  const execution = lines[0]?.split(' ')[0];
  expect(lines).toEqual(lines.map((_, n) => `${execution} ${n}`));
}

/** Status and body of an answer, or that there is none. */
async function outcomeOf({ response }: Exchange): Promise<string> {
  try {
    const message = await response;
    let text = '';
    for await (const chunk of message) text += String(chunk);
    return `${message.statusCode} ${text}`;
  } catch {
    return 'cut';
  }
}
