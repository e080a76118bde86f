import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { mustRun, type OtherServer } from '../machine/program.js';
import { type Bridge, startBridge } from '../services/bridge.js';
import { goBackend, gunicornBackend, nodeBackend } from './hasty-backends.js';

/*
 * Answers at the head of an upload: 1,080 POSTs directly, and as many through the bridge. A client may learn them
 * only as surely as directly, so it is one that sends until it can't and then reads what there is: what its kernel
 * was given counts. (Node's and Go's own clients may throw an answer away when a write fails.)
 */

const GUNICORN = 'gunicorn==27.0.1';
const STATUSES = [401, 403, 411, 413, 429, 503];
/** Of one record, near its end, and longer. */
const SIZES = [10_000, 700_000, 900_000, 1_500_000, 3_000_000];
const TIMES = 12;

/** Prints how often there was which answer, as JSON: `size status: text`. */
const CLIENT = `
import collections, concurrent.futures, json, re, socket, sys

port, statuses, sizes, times = json.loads(sys.argv[1])

def one(work):
    number, size, status = work
    chunked = number % 3 == 2
    framing = 'Transfer-Encoding: chunked' if chunked else f'Content-Length: {size}'
    got = b''
    with socket.create_connection(('127.0.0.1', port), timeout=30) as client:
        try:
            client.sendall(f'POST /{status} HTTP/1.1\\r\\nHost: h\\r\\n{framing}\\r\\n\\r\\n'.encode())
            for start in range(0, size, 65536):
                part = b'x' * min(65536, size - start)
                client.sendall(b'%x\\r\\n%s\\r\\n' % (len(part), part) if chunked else part)
            if chunked: client.sendall(b'0\\r\\n\\r\\n')
        except (BrokenPipeError, ConnectionResetError):
            pass
        try:
            while not re.search(rb'\\r\\n\\r\\nrefused \\d{3}$', got):
                more = client.recv(65536)
                if not more: break
                got += more
        except (TimeoutError, ConnectionResetError) as error:
            got += repr(error).encode()
    found = re.match(rb'HTTP/1\\.1 (\\d{3}) ', got)
    text = got.partition(b'\\r\\n\\r\\n')[2].decode()[:200]
    return f'{size} {status}: {found[1].decode()} {text}' if found else f'{size} {status}: nothing {got!r}'

work = [(n, size, status) for n in range(times) for size in sizes for status in statuses]
with concurrent.futures.ThreadPoolExecutor(4) as pool:
    print(json.dumps(collections.Counter(pool.map(one, work))))
`;

let dir: string;
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'khp-early-'));
  await mustRun('python3', ['-m', 'venv', join(dir, 'venv')]);
  await mustRun(join(dir, 'venv/bin/pip'), ['--quiet', 'install', GUNICORN]);
  await writeFile(join(dir, 'client.py'), CLIENT);
}, 300_000);
afterAll(async () => {
  if (dir) await rm(dir, { recursive: true, force: true });
});

/** How often a client got which answer. */
async function answers(origin: string): Promise<Record<string, number>> {
  const work = JSON.stringify([Number(new URL(origin).port), STATUSES, SIZES, TIMES]);
  return JSON.parse(await mustRun(join(dir, 'venv/bin/python'), [join(dir, 'client.py'), work]));
}

const EXPECTED = Object.fromEntries(
  SIZES.flatMap((size) => STATUSES.map((status) => [`${size} ${status}: ${status} refused ${status}`, TIMES])),
);

describe.each([
  ['Node', () => nodeBackend(dir)],
  ['Go', () => goBackend(dir)],
  ['gunicorn', () => gunicornBackend(dir, join(dir, 'venv'))],
])('%s answers at the head of uploads', (_name, start) => {
  let backend: OtherServer;
  let bridge: Bridge;
  beforeAll(async () => {
    backend = await start();
    bridge = await startBridge({ broker: inject('broker'), backendUrl: backend.url });
  }, 180_000);
  afterAll(async () => {
    await bridge?.close();
    await backend?.stop();
  });

  it('and 360 of 360 are heard through the bridge as directly', { timeout: 300_000 }, async () => {
    expect(await answers(backend.url)).toEqual(EXPECTED);
    expect(await answers(bridge.origin)).toEqual(EXPECTED);
    // 0: closed.
    expect(await bridge.processor.metric('processor_breaker_state')).toBe(0);
    expect(await bridge.processor.metric('processor_dead_letters_total')).toBe(0);
  });
});
