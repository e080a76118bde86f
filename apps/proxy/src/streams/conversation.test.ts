import { BridgeError } from '@kafka-http-proxy/protocol';
import { FIRST_WINDOW } from '@kafka-http-proxy/streams';
import { describe, expect, it } from 'vitest';
import { INBOX } from '../testing/bridge.js';
import { lastOf as last, setUpConversation as setUp } from '../testing/conversation.js';
import { replyOf } from '../testing/ingress.js';

const NO_EVENTS = { progressed: () => undefined, failed: () => undefined };

describe('a conversation', () => {
  const head = replyOf({ body: null });
  const peer = { exec: 'a', inbox: INBOX };
  const sink = () => ({ data: () => undefined, end: () => undefined, failed: () => undefined });
  const open = () => setUp().core.streams.conversations.open('id', 'requests', NO_EVENTS, undefined);

  it('refuses a second reply, and a reply when it is over', () => {
    const conversation = open();
    conversation.openReply(head, peer, sink);
    expect(() => conversation.openReply(head, peer, sink)).toThrow(
      /^A conversation is replying and cannot become replying/,
    );
    conversation.close();
    expect(() => conversation.openReply(head, peer, sink)).toThrow(
      /^A conversation is closed and cannot become replying/,
    );
  });

  it('refuses an upload once a processor has the request', () => {
    const conversation = open();
    conversation.openReply(head, peer, sink);
    expect(() => conversation.openUpload(0, () => undefined)).toThrow(/that is replying cannot begin an upload/);
  });
});

it('a reply that goes on through another control_topic is answered at once, and nothing is sent there', () => {
  const { core, client, ask } = setUp();
  ask();
  core.head({}, { inbox: { topic: 'others', partition: 0 } });
  expect([client.outcome, core.sent]).toEqual([['processing_failed'], []]);
  expect([core.told, core.pending.size]).toEqual([['malformed_metadata'], 0]);
});

it('all are cut and cancelled at the end of a shutdown, and who waits is told', () => {
  const { core, client, ask, upload } = setUp();
  ask();
  core.head({ body: Buffer.alloc(FIRST_WINDOW) });
  ask();
  upload(Buffer.alloc(10));
  core.exchange.failAll(new BridgeError('shutting_down', 'bye'));
  expect(client.outcome).toEqual(['stream 200', 'cut shutting_down', 'shutting_down', 'shutting_down']);
  expect(last(core)).toMatchObject({ exec: 'a', cancel: true });
  expect(core.broadcasts).toHaveLength(1);
  expect([core.streams.conversations.size, core.pending.size]).toEqual([0, 0]);
});
