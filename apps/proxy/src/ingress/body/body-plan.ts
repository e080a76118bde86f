import type { IncomingMessage } from 'node:http';
import { BridgeError } from '@kafka-http-proxy/protocol';
import type { MemoryBudget } from '@kafka-http-proxy/streams';
import type { Destination } from '../../destination.js';
import type { Exchange } from '../../exchange/exchange.js';
import type { OutboundHead } from '../../exchange/outbound.js';
import type { Paces } from './body-pace.js';
import type { BodyPlan } from './read-body.js';

/** Knows how bodies are to be read. */
export interface BodyPlanner {
  /**
   * How the body of a request is to be read.
   *
   * @throws {BridgeError} `body_too_large` for one that is known to be longer than can be sent
   */
  plan(request: IncomingMessage, head: OutboundHead, to: Destination): BodyPlan;
}

/** What the way of a body depends on. */
export interface BodyPlannerOptions {
  /** Null when bodies longer than a record can be sent; else why they can't. */
  readonly whyNoStreams: () => string | null;
  readonly room: Exchange['room'];
  readonly budget: MemoryBudget;
  readonly paces: Paces;
  /** 0: no limit. Asked for each body. */
  readonly maxBodyBytes: number;
  readonly maxRecordBytes: number;
  /** Largest request head. */
  readonly maxHeaderBytes: number;
  /** Most bytes of body in a record of a stream. */
  readonly recordBytes: number;
  /** How long a body may take until it is whole, or begins to stream, ms; asked for each. */
  readonly withinMs: number;
}

/**
 * Plans by what fits one record behind the head of the request.
 *
 * @example
 * const bodies = createBodyPlanner({ ...limits, whyNoStreams, room: exchange.room, budget, paces });
 * readBody(request, bodies.plan(request, head, destination), outcome);
 */
export function createBodyPlanner(options: BodyPlannerOptions): BodyPlanner {
  const { whyNoStreams, room, budget, paces, maxRecordBytes, maxHeaderBytes, recordBytes } = options;
  // In JSON a head takes at most twice its bytes on the wire; then there are the envelope's own fields.
  const surelyWhole = maxRecordBytes - 2 * maxHeaderBytes - 1024;
  return {
    plan(request, head, to) {
      let exact: number | undefined;
      const fitting = () => (exact ??= room(head, to));
      const why = whyNoStreams();
      const refusal = why === null ? null : () => tooLong(fitting(), why);
      const announcedBytes = Number(request.headers['content-length'] ?? 0);
      if (refusal !== null && announcedBytes > surelyWhole && announcedBytes > fitting()) throw refusal();
      return {
        maxBytes: options.maxBodyBytes,
        surelyWhole,
        room: fitting,
        firstBytes: recordBytes,
        refusal,
        withinMs: options.withinMs,
        budget,
        paces,
      };
    },
  };
}

function tooLong(wholeBytes: number, why: string): BridgeError {
  return new BridgeError('body_too_large', `The request body is larger than ${wholeBytes} bytes, and ${why}.`);
}
