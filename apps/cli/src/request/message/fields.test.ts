import { expect, it } from 'vitest';
import { fieldsOf } from './fields.js';

const OWN = { host: 'localhost:8080', userAgent: 'kafka-http-proxy/2.0.0', length: null };
const fields = (typed: string[], length: number | null = null) => {
  const list = fieldsOf(typed, { ...OWN, length });
  return list.flatMap((name, i) => (i % 2 ? [] : [`${name}: ${list[i + 1]}`]));
};

it('has as few fields as curl has', () => {
  expect(fields([])).toEqual(['Host: localhost:8080', 'User-Agent: kafka-http-proxy/2.0.0', 'Accept: */*']);
  expect(fields([], 3).slice(3)).toEqual(['Content-Length: 3', 'Content-Type: application/x-www-form-urlencoded']);
});

it.each([
  ['replaces one of ours', ['accept: text/html'], ['Host', 'User-Agent', 'accept: text/html']],
  ['takes one of ours away', ['User-Agent:', 'Accept: '], ['Host']],
  ['names a host, which stays first', ['X: 1', 'host: shop'], ['Host: shop', 'User-Agent', 'Accept', 'X: 1']],
  ['takes the host away', ['Host:'], ['User-Agent', 'Accept']],
  ['repeats, in its order', ['A: 1', 'B: 2', 'a: 3 '], ['Host', 'User-Agent', 'Accept', 'A: 1', 'B: 2', 'a: 3']],
  ['has no value', ['A;'], ['Host', 'User-Agent', 'Accept', 'A: ']],
  ['has a colon in it', ['A: b:c;d'], ['Host', 'User-Agent', 'Accept', 'A: b:c;d']],
])('a field %s', (_what, typed, expected) => {
  const found = fields(typed).map((field, i) => (expected[i]?.includes(': ') ? field : field.split(':')[0]));
  expect(found).toEqual(expected);
});

it.each([
  ['nonsense'],
  ['a b: c'],
  [': c'],
  ['A: b\r\nC: d'],
  ['A; b'],
  ['Content-Length: 3'],
  ['Transfer-Encoding: chunked'],
])('refuses %j', (typed) => {
  expect(() => fields([typed])).toThrow('-H: ');
});
