import { randomBytes } from 'node:crypto';
import { expect, it } from 'vitest';
import { type Executed, valuesOf, well } from '../testing/falling-backend.js';
import { linesOf, useReplayStage } from '../testing/replay-stage.js';

const stage = useReplayStage();

/**
 * All that the backend got, but for the seconds that are left, and X-Request-ID: the bridge's own stands behind the
 * client's fields, that of a replay among them (the order of fields of other names says nothing, RFC 9110 §5.3).
 */
const requestOf = ({ method, target, rawHeaders, digest }: Executed) => ({
  method,
  target,
  digest,
  headers: rawHeaders.flatMap((text, i) => {
    const name = text.toLowerCase();
    if (i % 2 === 1 || name === 'x-request-id') return [];
    return [[text, name === 'x-kafka-time-left' ? '' : rawHeaders[i + 1]]];
  }),
});

const byTarget = (a: { target: string }, b: { target: string }) => a.target.localeCompare(b.target);

const requests: [method: string, path: string, headers: Record<string, string>, body?: Buffer][] = [
  ['GET', '/a?read=1', {}],
  ['HEAD', '/a', {}],
  ['PUT', '/a', { 'Content-Type': 'application/octet-stream' }, randomBytes(200_000)],
  ['PUT', '/b', { 'X-Request-ID': 'mine-1' }, Buffer.from('{"b":1}')],
  ['POST', '/c?q=%C3%A4', { 'X-Kafka-Timeout': '5' }, Buffer.from('c')],
  ['POST', '/d', { 'X-Kafka-Key': 'k' }, Buffer.from('d1')],
  ['POST', '/e', { 'X-Kafka-Key': 'k' }, Buffer.from('d2')],
  ['DELETE', '/f', {}],
];

it('sends what is ready, once and as it was, and leaves what is not', async () => {
  for (const [method, path, headers, body] of requests) await stage.send(method, path, headers, body);
  const before = stage.backend.executed.splice(0);
  expect(before).toHaveLength(requests.length);

  await stage.backend.fall();
  const ids = new Map<string, string>();
  for (const [method, path, headers, body] of requests.filter(([method]) => method !== 'HEAD')) {
    ids.set(`${method} ${path}`, (await stage.send(method, path, headers, body)) ?? '');
  }
  await stage.backend.rise();
  // It runs, and nobody hears of it.
  stage.backend.answer = (_, response) => response.destroy();
  await stage.send('POST', '/doubtful', {}, Buffer.from('x'));
  stage.backend.answer = well;
  expect(stage.backend.executed.splice(0).map(({ target }) => target)).toEqual(['/doubtful']);
  await expect.poll(stage.letters).toBe(8);
  expect(await stage.looked()).toMatchObject({ total: 8, ready: 6, not_sent: { read_only: 1, may_have_run: 1 } });

  const run = await stage.dlq('replay', '--yes', '--json');
  expect(run.stderr).toContain('6 of 8 letters will be sent: 6 to ');
  expect(run.code, run.stderr).toBe(0);
  expect(linesOf(run).map(({ state, status, replays: n }) => [state, status, n])).toEqual(
    Array(6).fill(['answered', 200, 1]),
  );
  const after = stage.backend.executed.splice(0);
  const sorted = (all: Executed[]) => all.map(requestOf).sort(byTarget);
  const wanted = before.filter(({ method }) => method !== 'GET' && method !== 'HEAD');
  expect(sorted(after)).toEqual(sorted(wanted));
  for (const { method, target, rawHeaders } of after) {
    const id = target === '/b' ? 'mine-1' : ids.get(`${method} ${target}`);
    expect(valuesOf(rawHeaders, 'x-request-id'), target).toEqual([id]);
  }

  // It is all settled now.
  expect(await stage.looked()).toMatchObject({
    total: 8,
    ready: 0,
    not_sent: { answered: 6, read_only: 1, may_have_run: 1 },
  });
  const again = await stage.dlq('replay', '--yes');
  expect(again.code, again.stderr).toBe(0);
  expect(stage.backend.executed).toEqual([]);
  expect(await stage.letters()).toBe(8);
});

it('counts up with each replay that fails, and parks what failed three times', async () => {
  await stage.backend.fall();
  const before = await stage.letters();
  for (const path of ['/p1', '/p2']) await stage.send('PUT', path, {}, Buffer.from(path));
  for (const n of [1, 2, 3]) {
    const run = await stage.dlq('replay', '--yes', '--json');
    expect(run.code).toBe(1);
    expect(linesOf(run).map(({ state, code, replays: n }) => [state, code, n])).toEqual(
      Array(2).fill(['failed', 'backend_unreachable', n]),
    );
    await expect.poll(stage.letters).toBe(before + 2 + 2 * n);
  }
  await stage.backend.rise();
  expect(await stage.looked()).toMatchObject({ ready: 0, not_sent: { exhausted: 2, failed: 6 } });
  const parked = await stage.dlq('replay', '--yes', '--json', '--max-replays', '4');
  expect(linesOf(parked).map(({ state, replays: n }) => [state, n])).toEqual(Array(2).fill(['answered', 4]));
  expect(new Set(stage.backend.executed.map(({ target }) => target))).toEqual(new Set(['/p1', '/p2']));
  expect(stage.backend.executed.splice(0)).toHaveLength(2);
});

it('ends after so many failures, and goes on with the rest in another run', async () => {
  await stage.backend.fall();
  for (let i = 0; i < 6; i++) await stage.send('PUT', `/s${i}`, {}, Buffer.from('s'));
  const run = await stage.dlq('replay', '--yes', '--json', '--stop-after', '2', '--concurrency', '1');
  await stage.backend.rise();
  expect(run.code).toBe(1);
  expect(run.stderr).toContain('2 of 6 sent, 2 failed; 4 were not sent; stopped, since too many failed');
  await expect.poll(async () => (await stage.looked()).ready).toBe(6);
  expect((await stage.dlq('replay', '--yes', '--limit', '1')).stderr).toContain('1 of 1 sent');
  expect((await stage.dlq('replay', '--yes')).code).toBe(0);
  expect(stage.backend.executed.splice(0)).toHaveLength(6);
});

it('reads answers that stream to their end, and counts answers of 500 as failures', async () => {
  await stage.backend.fall();
  for (const path of ['/long', '/bad', '/gone']) await stage.send('PUT', path, {}, Buffer.from('s'));
  await stage.backend.rise();
  stage.backend.answer = ({ target }, response) => {
    if (target === '/long') response.end(randomBytes(3_000_000));
    else response.writeHead(target === '/bad' ? 500 : 410).end();
  };
  const run = await stage.dlq('replay', '--yes', '--json');
  expect(run.code).toBe(1);
  expect(new Set(linesOf(run).map(({ state, status }) => `${state} ${status}`))).toEqual(
    new Set(['answered 200', 'answered 410', 'failed 500']),
  );
  // What the backend failed at is no letter of its own, so it is still this one.
  stage.backend.answer = well;
  expect(linesOf(await stage.dlq('replay', '--yes', '--json')).map(({ state, replays: n }) => [state, n])).toEqual([
    ['answered', 2],
  ]);
  stage.backend.executed.splice(0);
});
