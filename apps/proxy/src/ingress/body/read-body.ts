import type { IncomingMessage } from 'node:http';
import { BridgeError, type HeaderList, MAX_HEAD_LINES, passableTrailers } from '@kafka-http-proxy/protocol';
import type { MemoryBudget } from '@kafka-http-proxy/streams';
import type { Paces } from './body-pace.js';

/**
 * Refuses a body by its announced length, before any of it is read.
 *
 * @param maxBytes 0: no limit
 * @throws {BridgeError} `body_too_large`
 */
export function checkAnnouncedLength(request: IncomingMessage, maxBytes: number): void {
  const announced = request.headers['content-length'];
  if (maxBytes > 0 && announced !== undefined && Number(announced) > maxBytes) throw tooLarge(maxBytes);
}

/** True when the request has a body at all, be it empty (RFC 9112 §6.3). */
export function hasBody(request: IncomingMessage): boolean {
  return request.headers['content-length'] !== undefined || request.headers['transfer-encoding'] !== undefined;
}

/** How a body is to be read. */
export interface BodyPlan {
  /** 0: no limit. */
  readonly maxBytes: number;
  /** A body of so many bytes is one record, whatever its head. */
  readonly surelyWhole: number;
  /** Most bytes of a body that is one record: it takes a while to find out. */
  readonly room: () => number;
  /** So many bytes are enough for the first record of a body that is longer. */
  readonly firstBytes: number;
  /** Null when a longer one can go on in a stream; else makes the refusal. */
  readonly refusal: (() => BridgeError) | null;
  /** How long it may take until it is whole, or begins to stream, ms. */
  readonly withinMs: number;
  readonly budget: Pick<MemoryBudget, 'reserve' | 'release'>;
  readonly paces: Paces;
}

/** What comes of reading a body: one of these, once. None when the client goes away. */
export interface BodyOutcome {
  /** @param release to be called when the bytes are not held any longer */
  whole(body: Buffer, trailers: HeaderList | null, release: () => void): void;
  /**
   * More is to come than fits one record: the rest is left to be read.
   *
   * @param first for the first record
   * @param behind what was read behind it
   */
  long(first: Buffer, behind: Buffer, release: () => void): void;
  /** The rest is left unread. */
  refused(error: BridgeError): void;
}

/**
 * Reads a body until it is whole, or known to be longer than one record.
 *
 * @returns ends that: nothing comes of it, and nothing of it is held
 */
export function readBody(request: IncomingMessage, plan: BodyPlan, outcome: BodyOutcome): () => void {
  const { maxBytes, surelyWhole, firstBytes, refusal, budget, paces } = plan;
  const announcedBytes = Number(request.headers['content-length'] ?? 0);
  let room = announcedBytes > surelyWhole ? plan.room() : Number.NaN;
  const fits = (length: number) => {
    if (length <= surelyWhole) return true;
    if (Number.isNaN(room)) room = plan.room();
    return length <= room;
  };
  const isLong = announcedBytes > surelyWhole && announcedBytes > room;
  const chunks: Buffer[] = [];
  let bytes = 0;
  let reserved = 0;

  const release = () => {
    budget.release('body', reserved);
    reserved = 0;
  };
  let over = false;
  const refuse = (error: BridgeError) => {
    if (over) return;
    stop();
    release();
    outcome.refused(error);
  };
  const goOn = () => {
    stop();
    const read = concat(chunks, bytes);
    const first = read.subarray(0, Math.min(bytes, room));
    outcome.long(first, read.subarray(first.length), release);
  };
  const take = (chunk: Buffer) => {
    while (!budget.reserve('body', chunk.length, Math.max(bytes, announcedBytes))) {
      // Whoever sends slowly makes way for others.
      if (!paces.endSlowest()) {
        refuse(
          new BridgeError('overloaded', 'The bodies that are held already take all memory that there is for them.'),
        );
        return;
      }
      // It was this one.
      if (over) return;
    }
    reserved += chunk.length;
    pace.took(chunk.length);
    chunks.push(chunk);
    if (isLong ? bytes >= Math.min(firstBytes, room) : !fits(bytes)) goOn();
  };
  const onData = (chunk: Buffer) => {
    bytes += chunk.length;
    if (maxBytes > 0 && bytes > maxBytes) refuse(tooLarge(maxBytes));
    else if (refusal !== null && !fits(bytes)) refuse(refusal());
    else take(chunk);
  };
  const onEnd = () => {
    if (hasTooManyTrailers(request)) {
      refuse(tooManyTrailers());
      return;
    }
    const trailers = trailersOf(request);
    // They are in the head of a whole body, and behind a streamed one.
    if (trailers !== null && refusal === null && !fits(bytes + 2 * JSON.stringify(trailers).length)) {
      goOn();
      return;
    }
    stop();
    outcome.whole(concat(chunks, bytes), trailers, release);
  };
  const onClose = () => {
    stop();
    release();
  };
  const pace = paces.watch(
    () => refuse(tooSlow()),
    () =>
      refuse(new BridgeError('request_timeout', 'The request body came slowly, and its memory was wanted for others.')),
  );
  const late = setTimeout(() => {
    refuse(new BridgeError('request_timeout', 'The request body did not arrive in time (body_timeout).'));
  }, plan.withinMs);
  const stop = () => {
    over = true;
    clearTimeout(late);
    pace.stop();
    request.off('data', onData);
    request.off('end', onEnd);
    request.off('close', onClose);
  };
  request.on('data', onData);
  request.on('end', onEnd);
  request.on('close', onClose);
  return () => {
    if (!over) onClose();
  };
}

/** The fields behind the body that may go on; null when there are none. The body must have ended. */
export function trailersOf(request: IncomingMessage): HeaderList | null {
  return request.rawTrailers.length === 0 ? null : passableTrailers(request.rawTrailers);
}

function concat(chunks: readonly Buffer[], bytes: number): Buffer {
  return chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks, bytes);
}

/** Node drops what is over silently. */
export function hasTooManyTrailers(request: IncomingMessage): boolean {
  return request.rawTrailers.length > 2 * MAX_HEAD_LINES;
}

/** The refusal of a body with too many trailer lines. */
export function tooManyTrailers(): BridgeError {
  return new BridgeError('headers_too_large', `The request has more than ${MAX_HEAD_LINES} trailer lines.`);
}

/** The refusal of a body that comes too slowly. */
export function tooSlow(): BridgeError {
  return new BridgeError('request_timeout', 'The request body came too slowly (min_body_rate).');
}

/** The refusal of a body over the limit. */
export function tooLarge(maxBytes: number): BridgeError {
  return new BridgeError('body_too_large', `The request body is larger than ${maxBytes} bytes (max_body_size).`);
}
