import { describe, expect, it } from 'vitest';
import { startBackend } from '../http/scripted-backend.js';
import { freePort } from '../machine/ports.js';
import type { ServiceProcess } from '../services/service-process.js';
import { useBridge } from '../services/use-bridge.js';

const MANAGEMENT_PORT = String(await freePort());

/** What a newcomer does wrong, and where the cause is named: in the client's answer, the log or /ready. */
describe('the cause is named within 5 s where', () => {
  const startHalting = () =>
    startBackend((request, response) => {
      if (request.target === '/slow') return;
      if (request.target === '/long') response.end(Buffer.alloc(3_000_000));
      else response.end('fine');
    });
  const stage = useBridge({
    backend: startHalting,
    // On the main port /ready says less.
    proxy: { MANAGEMENT_PORT },
    processor: { ALLOWED_RESPONSE_TOPICS: 'none-but-its-own' },
  });

  const ask = async (proxy: ServiceProcess | undefined, path = '/', init: RequestInit & { seconds?: number } = {}) => {
    const startedMs = performance.now();
    const { seconds = 1, ...rest } = init;
    const headers = { 'X-Kafka-Timeout': String(seconds) };
    const response = await fetch(`http://127.0.0.1:${proxy?.port}${path}`, { ...rest, headers });
    const { code, detail } = (await response.json()) as { code: string; detail: string };
    const withinMs = performance.now() - startedMs - (response.status === 504 ? seconds * 1000 : 0);
    return { status: response.status, code, detail, soon: withinMs < 5000 };
  };
  const startProxy = async (env: Readonly<Record<string, string>>) =>
    stage.bridge.startProxy({ ...env, MANAGEMENT_PORT: String(await freePort()) });
  const notesOf = async ({ managementPort }: ServiceProcess) => {
    const response = await fetch(`http://127.0.0.1:${managementPort}/ready`);
    return JSON.stringify(((await response.json()) as { notes?: string[] }).notes);
  };
  const logOf = ({ log }: ServiceProcess) => log.map((line) => JSON.stringify(line)).join('\n');

  it('the request topic is misspelt, or is none that the processor reads', async () => {
    const topic = `${stage.bridge.requestTopic}s`;
    const proxy = await startProxy({ DEFAULT_REQUEST_TOPIC: topic });
    const detail = expect.stringContaining(`No processor reads topic ${topic}`);
    expect(await ask(proxy)).toEqual({ status: 504, code: 'timeout', detail, soon: true });
    expect(await notesOf(proxy)).toContain(`No processor reads topic ${topic}`);
    await expect.poll(() => logOf(proxy)).toContain(`No processor reads topic ${topic}`);
  });

  it('the processor may not answer there', async () => {
    const responses = `${stage.bridge.responseTopic}-elsewhere`;
    const proxy = await startProxy({ DEFAULT_RESPONSE_TOPIC: responses, WARMUP_TOPICS: responses });
    const detail = expect.stringContaining(`may not reply to ${responses}`);
    expect(await ask(proxy)).toEqual({ status: 504, code: 'timeout', detail, soon: true });
    expect(await notesOf(stage.bridge.processor)).toContain(`may not go to ${responses}`);
    await expect.poll(() => logOf(stage.bridge.processor)).toContain(`reply topic ${responses}`);
  });

  it('the tiers have different control topics: at once, for bodies longer than a record', async () => {
    const theirs = `${stage.bridge.controlTopic}-2`;
    const proxy = await startProxy({ CONTROL_TOPIC: theirs });
    const detail = expect.stringContaining('not configured for the same control_topic');
    const failed = { status: 500, code: 'processing_failed', detail, soon: true };
    expect(await ask(proxy, '/', { method: 'POST', body: Buffer.alloc(3_000_000), seconds: 30 })).toEqual(failed);
    expect(await notesOf(stage.bridge.processor)).toContain(theirs);
    await expect.poll(() => logOf(stage.bridge.processor)).toContain(`the proxy has ${theirs}`);
    expect(await ask(proxy, '/long', { seconds: 30 })).toEqual(failed);
    await expect.poll(() => logOf(proxy)).toContain(`a processor has ${stage.bridge.controlTopic}`);
  });

  it('the backend is slower than the request waits', async () => {
    const answer = await ask(stage.bridge.proxies[0], '/slow');
    expect(answer).toMatchObject({ status: 504, soon: true });
    expect(`${answer.code} ${answer.detail}`).toMatch(/backend/);
  });

  it('no processor runs', async () => {
    await stage.bridge.processor.stop('SIGKILL');
    const [proxy] = stage.bridge.proxies;
    const detail = expect.stringContaining(`No processor of topic ${stage.bridge.requestTopic} answers: none runs`);
    expect(await ask(proxy, '/', { seconds: 2 })).toEqual({ status: 504, code: 'timeout', detail, soon: true });
    expect(await notesOf(proxy as ServiceProcess)).toContain(stage.bridge.requestTopic);
  });
});
