import { describe, expect, it } from 'vitest';
import { createNumberedCheck, formatLast, formatLine, type StreamEnd } from './numbered.js';

const lines = (execution: string, count: number, stream = 7): string[] => [
  ...Array.from({ length: count }, (_, number) => formatLine({ stream, execution, number })),
  formatLast({ stream, execution, number: count }),
];

function verdict(text: string, end: StreamEnd = 'closed') {
  const check = createNumberedCheck(7);
  // In odd pieces: a line may come in several.
  for (let at = 0; at < text.length; at += 11) check.push(Buffer.from(text.slice(at, at + 11)));
  return check.verdict(end);
}

describe('the check of a numbered stream', () => {
  it('takes a whole one for complete', () => {
    expect(verdict(lines('a', 20).join(''))).toBe('complete');
  });

  it('takes one that broke off with an error for cut, even behind its last line', () => {
    expect(verdict(lines('a', 20).join('').slice(0, 300), 'error')).toBe('cut');
    expect(verdict(lines('a', 20).join(''), 'error')).toBe('cut');
    expect(verdict('', 'error')).toBe('cut');
  });

  it('takes one that ended well without its last line for short', () => {
    expect(verdict(lines('a', 20).slice(0, 12).join(''))).toBe('short');
    expect(verdict('')).toBe('short');
    expect(verdict(`${lines('a', 2).join('')}7 a`)).toBe('short');
  });

  it('takes two executions in one for spliced, however it ended', () => {
    const spliced = [...lines('a', 20).slice(0, 10), ...lines('b', 20).slice(10)].join('');
    expect(verdict(spliced)).toBe('spliced');
    expect(verdict(spliced, 'error')).toBe('spliced');
  });

  it('takes a missing, doubled or foreign line for spliced', () => {
    const whole = lines('a', 20);
    expect(verdict(whole.toSpliced(3, 1).join(''))).toBe('spliced');
    expect(verdict(whole.toSpliced(3, 0, whole[3] ?? '').join(''))).toBe('spliced');
    expect(verdict([...whole, ...lines('a', 1)].join(''))).toBe('spliced');
    expect(verdict(lines('a', 3, 8).join(''))).toBe('spliced');
    expect(verdict(whole.join('').replace(' 5 ', ' 6 '))).toBe('spliced');
  });

  it('tells one that neither ends nor breaks', () => {
    expect(verdict(lines('a', 20).slice(0, 3).join(''), 'hung')).toBe('hung');
  });
});
