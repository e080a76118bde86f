import { generateKeyPairSync } from 'node:crypto';
import { FakeClock, settled } from '@kafka-http-proxy/streams/testing';
import { createLocalJWKSet, exportJWK } from 'jose';
import { describe, expect, it, vi } from 'vitest';
import { createRemoteKeys, type KeySet } from './keys.js';

/** A set of keys with these names. */
async function keySet(...kids: string[]): Promise<KeySet> {
  const keys = kids.map(async (kid) => {
    const { publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    return { ...(await exportJWK(publicKey)), kid, alg: 'ES256' };
  });
  return createLocalJWKSet({ keys: await Promise.all(keys) });
}

/** An issuer that the test speaks for. */
function setUp() {
  const clock = new FakeClock();
  const answers: { give(keys: KeySet): void; fail(why: string): void }[] = [];
  const fetched = vi.fn();
  const keys = createRemoteKeys({
    clock,
    fetched,
    fetch: () => new Promise<KeySet>((give, fail) => void answers.push({ give, fail: (why) => fail(new Error(why)) })),
  });
  const find = (kid: string) => Promise.resolve(keys.keyOf({ alg: 'ES256', kid }, { payload: '', signature: '' }));
  return { clock, answers, fetched, keys, find };
}

describe('keys of an issuer', () => {
  it('are waited for at the start', async () => {
    const { answers, find } = setUp();
    const found = find('a');
    answers[0]?.give(await keySet('a'));
    expect(await found).toMatchObject({ type: 'public' });
  });

  it('cannot be judged by while there never was one, and are asked for again and again', async () => {
    const { answers, find, keys, clock, fetched } = setUp();
    const found = find('a');
    answers[0]?.fail('nobody is there');
    await expect(found).rejects.toThrow('No key of the issuer could be had yet');
    expect(keys.trouble()).toBe('nobody is there');
    expect(fetched).toHaveBeenLastCalledWith('nobody is there');
    // Strangers don't make it ask more often.
    await expect(find('b')).rejects.toThrow();
    expect(answers).toHaveLength(1);
    await clock.advance(1000);
    answers[1]?.give(await keySet('a'));
    expect(await find('a')).toMatchObject({ type: 'public' });
    expect(keys.trouble()).toBeNull();
  });

  it('go on where the issuer is away later', async () => {
    const { answers, find, clock, keys } = setUp();
    answers[0]?.give(await keySet('a'));
    await keys.asked;
    await clock.advance(600_000);
    answers[1]?.fail('away');
    await settled();
    expect(await find('a')).toMatchObject({ type: 'public' });
    // No more often than strangers could make it ask.
    await clock.advance(29_999);
    expect(answers).toHaveLength(2);
    await clock.advance(1);
    expect(answers).toHaveLength(3);
  });

  it('are asked for anew where a token names one that is not known, by all who wait together', async () => {
    const { answers, find, keys } = setUp();
    answers[0]?.give(await keySet('a'));
    await keys.asked;
    const found = Promise.all([find('b'), find('b'), find('b')]);
    await vi.waitFor(() => expect(answers).toHaveLength(2), { timeout: 20_000 });
    answers[1]?.give(await keySet('a', 'b'));
    expect(await found).toHaveLength(3);
    expect(answers).toHaveLength(2);
  });

  it('are asked for once more where the asking under way began too early', async () => {
    const { answers, find, clock, keys } = setUp();
    answers[0]?.give(await keySet('a'));
    await keys.asked;
    await clock.advance(600_000);
    const found = find('b');
    await vi.waitFor(() => expect(answers).toHaveLength(2), { timeout: 20_000 });
    answers[1]?.give(await keySet('a'));
    await vi.waitFor(() => expect(answers).toHaveLength(3), { timeout: 20_000 });
    answers[2]?.give(await keySet('a', 'b'));
    expect(await found).toMatchObject({ type: 'public' });
  });

  it('are asked for once in half a minute, however many keys are invented', async () => {
    const { answers, find, clock, keys } = setUp();
    const known = await keySet('a');
    answers[0]?.give(known);
    await keys.asked;
    for (let round = 1; round <= 3; round++) {
      const first = find('x');
      await vi.waitFor(() => expect(answers).toHaveLength(1 + round), { timeout: 20_000 });
      answers[round]?.give(known);
      await expect(first).rejects.toThrow('no applicable key');
      for (let i = 0; i < 100; i++) await expect(find(`x${i}`)).rejects.toThrow('no applicable key');
      expect(answers).toHaveLength(1 + round);
      expect(await find('a')).toMatchObject({ type: 'public' });
      await clock.advance(30_000);
    }
  });

  it('are not asked for any longer once it is closed', async () => {
    const { answers, clock, keys } = setUp();
    answers[0]?.fail('away');
    await settled();
    keys.close();
    await clock.advance(60_000);
    expect(answers).toHaveLength(1);
  });

  it('are waited for by so many and no more, so that tokens of known keys have a place', async () => {
    const { answers, find, keys } = setUp();
    const known = await keySet('a');
    answers[0]?.give(known);
    await keys.asked;
    const flood = Array.from({ length: 401 }, (_, i) => find(`x${i}`).catch((error: Error) => error.name));
    await expect(flood[400]).resolves.toBe('CannotJudge');
    expect(await find('a')).toMatchObject({ type: 'public' });
    answers[1]?.give(known);
    expect(new Set(await Promise.all(flood))).toEqual(new Set(['JWKSNoMatchingKey', 'CannotJudge']));
  });

  it('count as taken away when one is, and not when one is added', async () => {
    const { answers, clock, keys } = setUp();
    const [a, b] = [await keySet('a'), await keySet('b')];
    const both = createLocalJWKSet({ keys: [...b.jwks().keys, ...a.jwks().keys] });
    answers[0]?.give(a);
    await keys.asked;
    const counted: number[] = [];
    for (const [i, next] of [both, both, b, a].entries()) {
      await clock.advance(600_000);
      answers[i + 1]?.give(next);
      await settled();
      counted.push(keys.withdrawn());
    }
    expect(counted).toEqual([0, 0, 1, 2]);
  });
});
