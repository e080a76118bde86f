import { describe, expect, it } from 'vitest';
import { newSpanId, newTraceId } from './ids.js';
import { samplerOf } from './sampler.js';

const MANY = 4000;
const YES = { spanId: newSpanId(), sampled: true };
const NO = { spanId: newSpanId(), sampled: false };

function setUp(name: string | undefined, arg?: string) {
  const warnings: string[] = [];
  const sample = samplerOf({ OTEL_TRACES_SAMPLER: name, OTEL_TRACES_SAMPLER_ARG: arg }, (sentence) =>
    warnings.push(sentence),
  );
  const share = (parent: typeof YES | null) => {
    let sampled = 0;
    for (let i = 0; i < MANY; i++) if (sample(newTraceId(), parent)) sampled++;
    return sampled / MANY;
  };
  return { warnings, share };
}

describe('OTEL_TRACES_SAMPLER', () => {
  it.each<[string | undefined, string | undefined, [root: number, sampled: number, unsampled: number]]>([
    [undefined, undefined, [1, 1, 0]],
    ['', undefined, [1, 1, 0]],
    ['always_on', undefined, [1, 1, 1]],
    ['always_off', undefined, [0, 0, 0]],
    ['ALWAYS_OFF', undefined, [0, 0, 0]],
    ['parentbased_always_on', undefined, [1, 1, 0]],
    ['parentbased_always_off', undefined, [0, 1, 0]],
    ['traceidratio', '0.25', [0.25, 0.25, 0.25]],
    ['parentbased_traceidratio', '0.25', [0.25, 1, 0]],
    ['parentbased_traceidratio', '0', [0, 1, 0]],
  ])('%s %s samples of roots, of sampled parents and of others: %j', (name, arg, [root, sampled, unsampled]) => {
    const { share, warnings } = setUp(name, arg);
    expect(Math.abs(share(null) - root)).toBeLessThan(0.05);
    expect(Math.abs(share(YES) - sampled)).toBeLessThan(0.05);
    expect(Math.abs(share(NO) - unsampled)).toBeLessThan(0.05);
    expect(warnings).toEqual([]);
  });

  it.each(['often', 'parentbased_', 'parentbased_parentbased_always_on'])(
    'that is %s is told, and stands for the default',
    (name) => {
      const { share, warnings } = setUp(name);
      expect([share(null), share(NO)]).toEqual([1, 0]);
      expect(warnings).toEqual([expect.stringContaining(`"${name}" was found`)]);
    },
  );

  it.each([undefined, '', '1.5', '-1', 'x'])('with the share %s records all, and says so', (arg) => {
    const { share, warnings } = setUp('traceidratio', arg);
    expect(share(null)).toBe(1);
    expect(warnings).toEqual([expect.stringContaining('a number of 0 to 1 was expected')]);
  });
});
