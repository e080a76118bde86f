import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, constants, createReadStream, mkdtempSync, openSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it } from 'vitest';

/** A service whose log is as long as it is asked to be. Its port is on standard error. */
const CHATTY = `
import { proxyConfig } from '@kafka-http-proxy/protocol';
import { createManagementApp, listen, runCommand } from '@kafka-http-proxy/service';
await runCommand({
  name: 'chatty', description: 'Talks.', version: '0', schema: proxyConfig,
  start: async (_config, { logger, registry }) => {
    const app = createManagementApp({
      registry,
      ready: () => ({ ready: true, reasons: [], notes: [] }),
      onError: () => {},
      extra: (routes) => {
        routes.get('/talk', (_request, response) => {
          for (let i = 0; i < 30_000; i++) logger.info({ i }, 'a line that nobody reads');
          response.end();
        });
        routes.get('/crash', (_request, response) => {
          response.end();
          setImmediate(() => { throw new Error('boom'); });
        });
      },
    });
    const management = await listen(app, { host: '127.0.0.1', port: 0 });
    process.stderr.write('port ' + management.port + '\\n');
    return { stop: () => management.close(1000) };
  },
});`;

const folder = mkdtempSync(join(tmpdir(), 'khp-log-'));
let running: { child: ChildProcess; close(): void } | undefined;
afterEach(() => {
  running?.child.kill('SIGKILL');
  running?.close();
});

/** Starts it with a pipe as standard output that is not read before `read` is called. */
async function start() {
  const path = join(folder, 'pipe');
  rmSync(path, { force: true });
  execFileSync('mkfifo', [path]);
  const reader = openSync(path, constants.O_RDWR);
  const writer = openSync(path, constants.O_WRONLY);
  const child = spawn(process.execPath, ['--input-type=module', '-e', CHATTY], {
    cwd: fileURLToPath(new URL('../..', import.meta.url)),
    env: { PATH: process.env.PATH },
    stdio: ['ignore', writer, 'pipe'],
  });
  closeSync(writer);
  const lines: Record<string, unknown>[] = [];
  const errors: string[] = [];
  running = { child, close: () => lines.length === 0 && closeSync(reader) };
  const port = await new Promise<string>((resolve) => {
    createInterface(child.stderr as NodeJS.ReadableStream).on('line', (line) => {
      errors.push(line);
      if (line.startsWith('port ')) resolve(line.slice(5));
    });
  });
  const get = (url: string) => fetch(`http://127.0.0.1:${port}${url}`, { signal: AbortSignal.timeout(10_000) });
  const read = () =>
    createInterface(createReadStream('', { fd: reader })).on('line', (line) => lines.push(JSON.parse(line)));
  const exited = once(child, 'exit').then(([code, signal]) => code ?? signal);
  return { child, get, read, exited, lines, errors };
}

describe('a service whose log is not read', () => {
  it('answers, counts the lines that are lost, and tells how many when it is read again', async () => {
    const { get, read, lines } = await start();
    expect((await get('/talk')).status).toBe(200);
    expect((await get('/health')).status).toBe(200);
    const dropped = Number(/^log_lines_dropped_total (\d+)$/m.exec(await (await get('/metrics')).text())?.[1]);
    expect(dropped).toBeGreaterThan(1000);
    read();
    await expect
      .poll(() => lines.find((line) => 'dropped' in line))
      .toMatchObject({ level: 'error', dropped, msg: `${dropped} log lines were dropped: nobody read them` });
    expect(lines.filter((line) => 'i' in line)).toHaveLength(30_000 - dropped);
  });

  it('stops when it is told to, in time and with 0', async () => {
    const { child, get, exited } = await start();
    await get('/talk');
    const beganMs = performance.now();
    child.kill('SIGTERM');
    expect(await exited).toBe(0);
    expect(performance.now() - beganMs).toBeLessThan(10_000);
  });

  it('ends with 1 at a crash, and says why on standard error', async () => {
    const { get, exited, errors } = await start();
    await get('/talk');
    await get('/crash');
    expect(await exited).toBe(1);
    await expect.poll(() => errors.join('\n')).toContain('an error that nobody caught: boom');
  });

  it('says why it crashed in its log, where somebody reads it', async () => {
    const { get, read, exited, lines, errors } = await start();
    await get('/talk');
    read();
    await get('/crash');
    expect(await exited).toBe(1);
    const fatal = { level: 'fatal', msg: 'an error that nobody caught: boom' };
    await expect.poll(() => lines.find(({ level }) => level === 'fatal')).toMatchObject(fatal);
    await expect.poll(() => lines.some((line) => 'dropped' in line)).toBe(true);
    expect(errors).toHaveLength(1);
  });
});
