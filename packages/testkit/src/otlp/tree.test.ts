import { expect, it } from 'vitest';
import type { ReceivedSpan } from './span.js';
import { treeOf } from './tree.js';

const TRACE = 'a'.repeat(32);
const OTHER = 'b'.repeat(32);

/** Span number `id`, which starts at `id`. */
function span(id: number, parent: number | null, fields: Partial<ReceivedSpan> = {}): ReceivedSpan {
  return {
    traceId: TRACE,
    spanId: idOf(id),
    parentId: parent === null ? '' : idOf(parent),
    traceState: '',
    flags: 1,
    name: `span ${id}`,
    kind: 'INTERNAL',
    startNs: BigInt(id),
    endNs: BigInt(id + 1),
    attributes: {},
    events: [],
    links: [],
    status: { code: 'UNSET', message: '' },
    resource: { 'service.name': 'proxy' },
    scope: { name: '', version: '' },
    schemaUrls: { resource: '', scope: '' },
    ...fields,
  };
}

function idOf(id: number): string {
  return id.toString(16).padStart(16, '0');
}

function linkTo(id: number, traceId = TRACE): ReceivedSpan['links'][number] {
  return { traceId, spanId: idOf(id), traceState: '', attributes: {} };
}

it('a tree shows parents, kinds, states, events, links, and where another service begins', () => {
  const processor = { 'service.name': 'processor' };
  const spans = [
    span(4, 3, { kind: 'CLIENT', name: 'GET', resource: processor, status: { code: 'ERROR', message: 'timeout' } }),
    span(3, 2, {
      kind: 'CONSUMER',
      resource: processor,
      events: [{ name: 'held', timeNs: 1n, attributes: { why: 'key' } }],
      links: [linkTo(2), linkTo(9), linkTo(7, OTHER)],
    }),
    span(1, null, { kind: 'SERVER', attributes: { b: 1, a: ['x'] } }),
    span(5, 1, { name: 'a later one' }),
    span(2, 1, { kind: 'PRODUCER' }),
  ];
  expect(treeOf(spans, { attributes: 'all' })).toBe(`SERVER span 1 @proxy {a=["x"], b=1}
  PRODUCER span 2
    CONSUMER span 3 @processor
      * held {why=key}
      -> span 2
      -> elsewhere
      -> elsewhere in another trace
      CLIENT GET ERROR timeout
  INTERNAL a later one`);
});

it('attributes are printed in the order in which they are asked for', () => {
  expect(treeOf([span(1, null, { attributes: { a: 1, b: 2, c: 3 } })], { attributes: ['c', 'none', 'a'] })).toBe(
    'INTERNAL span 1 @proxy {c=3, a=1}',
  );
});

it('traces stand apart, and a parent that did not arrive is said', () => {
  expect(treeOf([span(2, null, { traceId: OTHER }), span(1, 8)])).toBe(
    'INTERNAL span 1 @proxy (parent elsewhere)\n\nINTERNAL span 2 @proxy',
  );
});

it('spans that start together are in the order of their names', () => {
  const together = [span(2, null, { startNs: 1n, name: 'b' }), span(1, null, { name: 'a' })];
  expect(treeOf(together)).toBe('INTERNAL a @proxy\nINTERNAL b @proxy');
});
