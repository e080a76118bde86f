import { expect, it } from 'vitest';
import { parseTarget } from './target.js';

it.each([
  ['/orders/1?x=1&x', '/orders/1?x=1&x', null],
  ['/a//b/../c%2F', '/a//b/../c%2F', null],
  ['/ü', '/\xc3\xbc', null],
  ['/a#b', '/a', null],
  ['*', '*', null],
  ['http://shop.example', '/', 'shop.example'],
  ['http://shop.example:8080/a?b#c', '/a?b', 'shop.example:8080'],
  ['HTTPS://shop.example?b', '/?b', 'shop.example'],
])('%j asks for %j of %j', (typed, target, host) => {
  expect(parseTarget(typed)).toEqual({ target, host });
});

it.each([
  ['orders', 'a path such as /orders'],
  ['', 'a path such as /orders'],
  ['ftp://shop/', 'a path such as /orders'],
  ['/a b', 'no spaces'],
  ['/a\r\nX: y', 'no spaces and no control characters'],
  ['http://me:secret@shop/', 'without user and password'],
])('%j is refused: %s', (typed, sentence) => {
  expect(() => parseTarget(typed)).toThrow(sentence);
});
