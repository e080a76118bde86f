import { describe, expect, it } from 'vitest';
import type { RecordHeaders } from './envelope/envelope.js';
import { decodeInboxV2 } from './envelope/v2.js';
import { decodeInquiry, decodeTopicState, encodeInquiry, encodeTopicState } from './inquiry.js';

const inquiry = { id: 'nonce123-a.b', topic: 'orders', reply: { topic: 'replies', partition: 3 } };
const state = { reads: true, partitions: 2, open: 5, lag: 7, unhealthy: false };
const record = (header: string, text: string, id = 'x') => ({
  value: null,
  headers: [{ correlation_id: id }, { khp: '{}' }, { [header]: text }] as RecordHeaders,
});

describe('a question about a topic, and its answer', () => {
  it('come out as they went in', () => {
    expect(decodeInquiry(encodeInquiry(inquiry))).toEqual(inquiry);
    expect(decodeTopicState(encodeTopicState('x', state))).toEqual({ id: 'x', state });
  });

  it('are to a 2.0.0 the withdrawal of a request that nobody has', () => {
    for (const one of [encodeInquiry(inquiry), encodeTopicState(inquiry.id, state)]) {
      expect(decodeInboxV2(one)).toMatchObject({
        ok: true,
        value: { kind: 'continuation', part: { correlationId: inquiry.id, sequence: { cancel: true, exec: null } } },
      });
    }
  });

  it.each(['', 'null', '[]', '{', '{"topic":"a b","reply":["r",0]}', '{"topic":"t","reply":["/",0]}', '{"topic":"t"}'])(
    'of another form (%s) are none',
    (text) => {
      expect(decodeInquiry(record('khp-ask', text))).toBeNull();
      expect(decodeTopicState(record('khp-told', text))).toBeNull();
    },
  );

  it('are not told by an id that is none', () => {
    expect(decodeTopicState(record('khp-told', JSON.stringify(state), 'a b'))).toBeNull();
    expect(decodeTopicState(record('khp-told', JSON.stringify({ ...state, open: -1 })))).toBeNull();
  });
});
