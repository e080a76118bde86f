import { IllegalStep } from '@kafka-http-proxy/protocol';
import { FIRST_WINDOW, SequenceSender } from '@kafka-http-proxy/streams';
import { FakeClock } from '@kafka-http-proxy/streams/testing';
import { describe, expect, it } from 'vitest';
import { pipeline } from '../testing/pipeline.js';
import { createRunningRequests } from './running-requests.js';

const ASKER = { version: 2, correlationId: 'nonce123-1', address: { topic: 'responses', partition: 3 } } as const;

function opened() {
  const { conversations, budget } = pipeline({});
  const conversation = conversations.open(ASKER, createRunningRequests().begin('nonce123-1'), 'requests');
  if (conversation === null) throw new Error('there is no inbox');
  return { conversation, conversations, budget };
}

function sender(): SequenceSender {
  return new SequenceSender({
    firstSeq: 0,
    sentBytes: 0,
    credit: FIRST_WINDOW,
    recordBytes: 1000,
    flushMs: 5,
    maxUnacknowledged: () => 1_000_000,
    clock: new FakeClock(),
    send: () => undefined,
    drained: () => undefined,
    failed: () => undefined,
    finished: () => undefined,
  });
}

describe('a conversation', () => {
  it('takes the rest of a body, then replies, then is closed', () => {
    const { conversation, conversations } = opened();
    const states = [conversation.state];
    conversation.openUpload(Buffer.from('a'), null);
    states.push(conversation.state);
    conversation.replyBy(sender());
    states.push(conversation.state);
    conversation.close();
    conversation.close();
    states.push(conversation.state);
    expect(states).toEqual(['opened', 'uploading', 'replying', 'closed']);
    expect(conversations.size).toBe(0);
  });

  it('refuses to take a body while it replies, and to reply once it is closed', () => {
    const { conversation } = opened();
    conversation.replyBy(sender());
    expect(() => conversation.openUpload(Buffer.alloc(0), null)).toThrow(IllegalStep);
    conversation.close();
    expect(() => conversation.replyBy(sender())).toThrow('a conversation is closed and cannot become replying');
  });
});
