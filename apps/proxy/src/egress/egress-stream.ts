import type { ServerResponse } from 'node:http';
import { announcedLength, type ErrorCode, endToEnd, isBodyless, type ReplyEnvelope } from '@kafka-http-proxy/protocol';
import { belowTls } from '@kafka-http-proxy/service';
import type { Clock, SequenceFault, SequenceSink } from '@kafka-http-proxy/streams';
import type { ReplySource } from '../waiter.js';
import { addTrailers, writeHead } from './egress.js';
import type { OwnFields } from './own-fields.js';
import { watchStall } from './stall.js';
import type { UnreadReplies } from './unread-replies.js';

/** Why a response was broken off in its middle. */
export type CutReason = ErrorCode | SequenceFault | 'wrong_length' | 'client_idle';

/** How a reply that streams is written. */
export interface StreamOptions {
  /** Method of the request. */
  readonly method: string;
  /** Ends the connection after this response. */
  readonly close: boolean;
  /** What is said of the request beside the reply's own fields. */
  readonly own: OwnFields;
  readonly source: ReplySource;
  /** How long a client may take nothing while bytes wait for it, ms. */
  readonly idleMs: number;
  readonly clock: Clock;
  /** It is listed there while it is written: who stands still makes way where windows are short. */
  readonly unread: Pick<UnreadReplies, 'addStream' | 'removeStream'>;
  /** Bytes of its body were written. */
  readonly wrote: (bytes: number) => void;
  /** All of the reply was written. */
  readonly ended: () => void;
  /** The response was broken off. */
  readonly cut: (reason: CutReason) => void;
}

/**
 * Writes a reply as it comes, its head at once. What is returned takes its body.
 *
 * A body that does not come to its end is never ended as if it had: the connection is cut.
 */
export function writeStream(response: ServerResponse, head: ReplyEnvelope, options: StreamOptions): SequenceSink {
  const { method, source, ended, unread } = options;
  const bodyless = isBodyless(method, head.status);
  const framing = framingOf(response, head, bodyless);
  let written = 0;
  let over = false;

  const cut = (reason: CutReason) => {
    if (over) return;
    over = true;
    stall.stop();
    options.cut(reason);
    // Only a reset tells a client whose response ends with the connection that it is not whole.
    // A TLSSocket can't be told to reset: its connection is.
    if (framing.kind === 'connection' && response.socket) belowTls(response.socket).resetAndDestroy();
    else response.destroy();
  };
  const cutHere = (reason: CutReason) => {
    if (over) return;
    source.cancel();
    cut(reason);
  };
  // Behind the end of the reply, bytes may still wait for the client.
  const cutIdle = () => (over ? response.destroy() : cutHere('client_idle'));
  const stall = watchStall(response, options, cutIdle);
  let released = false;
  const release = () => {
    if (released) return;
    released = true;
    unread.removeStream(waiting);
    source.release();
  };
  const waiting = {
    stillMs: stall.stillMs,
    cut() {
      cutIdle();
      // At once, not with the event: somebody waits for the room.
      release();
    },
  };
  unread.addStream(waiting);
  response.once('close', () => {
    over = true;
    stall.stop();
    release();
  });

  const headers = endToEnd(head.headers, framing.drop);
  if (framing.kind === 'chunked') headers.push('Transfer-Encoding', 'chunked');
  if (framing.kind === 'connection') response.useChunkedEncodingByDefault = false;
  writeHead(response, head, headers, options);
  // With bytes that are there, it leaves as one packet.
  if (bodyless || head.body === null || head.body.length === 0) response.flushHeaders();

  return {
    data(chunk) {
      if (over || bodyless) {
        source.consumed(chunk.length);
        return;
      }
      written += chunk.length;
      if (framing.kind === 'length' && written > framing.length) {
        cutHere('wrong_length');
        return;
      }
      options.wrote(chunk.length);
      stall.waiting(chunk.length);
      response.write(chunk, () => {
        stall.taken(chunk.length);
        source.consumed(chunk.length);
      });
    },
    end(trailers) {
      if (over) return;
      if (framing.kind === 'length' && !bodyless && written < framing.length) {
        cut('wrong_length');
        return;
      }
      over = true;
      if (framing.kind === 'chunked') addTrailers(response, trailers);
      ended();
      response.end();
    },
    failed: cut,
  };
}

/** How a client finds the end of the body (RFC 9112 §6.3), and the fields that would say otherwise. */
type Framing = { readonly drop: (lowerName: string) => boolean } & (
  | { readonly kind: 'chunked' | 'connection' | 'none' }
  | { readonly kind: 'length'; readonly length: number }
);

function framingOf(response: ServerResponse, { headers, status }: ReplyEnvelope, bodyless: boolean): Framing {
  // RFC 9110 §8.6: 204 has none, whatever it says.
  const length = status === 204 ? null : announcedLength(headers);
  if (bodyless) return { kind: 'none', drop: (name) => isTrailer(name) || (length === null && isLength(name)) };
  if (length !== null) return { kind: 'length', length, drop: isTrailer };
  if (response.req.httpVersionMinor > 0) return { kind: 'chunked', drop: isLength };
  return { kind: 'connection', drop: (name) => isLength(name) || isTrailer(name) };
}

const isLength = (name: string) => name === 'content-length';
/** Node refuses Trailer where the framing has no place for one. */
const isTrailer = (name: string) => name === 'trailer';
