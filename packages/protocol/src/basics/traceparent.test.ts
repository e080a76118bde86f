import fc from 'fast-check';
import { expect, it } from 'vitest';
import { parseTraceparent } from './traceparent.js';

/** The grammar of the specification, §3.2.2. */
const GRAMMAR = /^([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?$/s;

function byGrammar(text: string) {
  const [, version, traceId = '', spanId = '', flags = '', rest] = GRAMMAR.exec(text) ?? [];
  if (version === undefined || version === 'ff' || (version === '00' && rest !== undefined)) return null;
  if (/^0+$/.test(traceId) || /^0+$/.test(spanId)) return null;
  return { traceId, spanId, sampled: (Number.parseInt(flags, 16) & 1) === 1 };
}

const digits = (length: number) =>
  fc.string({ unit: fc.constantFrom(...'0123456789abcdef'), minLength: length, maxLength: length });
const valid = fc
  .tuple(
    fc.oneof(fc.constantFrom('00', '01', 'ff'), digits(2)),
    digits(32),
    digits(16),
    digits(2),
    fc.constantFrom('', '-', '-x', 'x'),
  )
  .map(([version, trace, span, flags, rest]) => `${version}-${trace}-${span}-${flags}${rest}`);
/** Valid ones with a character changed. */
const nearly = fc
  .tuple(valid, fc.nat(60), fc.constantFrom('-', 'g', 'A', '0', ' ', 'é'))
  .map(([text, at, other]) => text.slice(0, at) + other + text.slice(at + 1));

it('reads what the grammar reads, and nothing else', () => {
  fc.assert(
    fc.property(fc.oneof(valid, nearly, fc.string()), (text) => {
      expect(parseTraceparent(text)).toEqual(byGrammar(text));
    }),
  );
});

it.each(['00', '01', '02', '03', 'fe', 'ff'])('has the flag sampled of %s in its last bit', (flags) => {
  const parsed = parseTraceparent(`00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-${flags}`);
  expect(parsed?.sampled).toBe(Number.parseInt(flags, 16) % 2 === 1);
});
