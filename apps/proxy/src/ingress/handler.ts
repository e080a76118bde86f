import { BridgeError, type HeaderList, headBytes, type ReplyAddress } from '@kafka-http-proxy/protocol';
import type { Clock, MemoryBudget } from '@kafka-http-proxy/streams';
import type { Destination, ReplyAddresses } from '../destination.js';
import { createAnswer } from '../egress/answer.js';
import type { CutReason } from '../egress/egress-stream.js';
import { dropRest } from '../egress/linger.js';
import type { UnreadReplies } from '../egress/unread-replies.js';
import type { Exchange, RunningExchange } from '../exchange/exchange.js';
import type { OutboundRequest } from '../exchange/outbound.js';
import type { RequestHandler } from '../http/server.js';
import type { Admission } from './admission.js';
import type { Paces } from './body-pace.js';
import type { BodyPlanner } from './body-plan.js';
import { type Hops, ownAnswer } from './hops.js';
import type { Place } from './places.js';
import { pumpUpload } from './pump-body.js';
import { type BodyPlan, checkAnnouncedLength, hasBody, readBody } from './read-body.js';
import { type RequestHead, readHead } from './request-head.js';
import type { Router } from './routing.js';

/** How a request ended, for metrics and the log. */
export interface Ending {
  readonly method: string;
  /** Undefined when the request was refused before its destination was known. */
  readonly topic: string | undefined;
  readonly status: number;
  readonly elapsedMs: number;
  readonly error: BridgeError | undefined;
  readonly correlationId: string | undefined;
  /** Why the response was broken off in its middle; undefined when it was not. */
  readonly cut: CutReason | undefined;
}

/** All that a request meets on its way. */
export interface HandlerDeps {
  readonly admission: Admission;
  readonly route: Router;
  readonly hops: Hops;
  readonly addresses: ReplyAddresses;
  readonly exchange: Exchange;
  readonly bodies: BodyPlanner;
  readonly paces: Paces;
  readonly unread: UnreadReplies;
  /** What the heads of requests hold is counted there. */
  readonly budget: Pick<MemoryBudget, 'reserve' | 'release'>;
  /** An id for a request that is refused before its exchange: it joins the problem and the log. */
  readonly nextId: () => string;
  /** 0: no limit. */
  readonly maxBodyBytes: number;
  /** How long a client may take nothing of a stream, ms. */
  readonly idleMs: number;
  readonly clock: Clock;
  /** True when each response should be the last of its connection. */
  readonly closing: () => boolean;
  readonly ended: (ending: Ending) => void;
  /** The client went away before its answer, or in the middle of it. */
  readonly abandoned: () => void;
}

/**
 * The way of a request: head, route, place, address, body, exchange; and back, the answer.
 *
 * @example
 * const handle = createHandler(deps);
 * server.on('request', (request, response) => handle(request, response, request.method ?? 'GET', false));
 */
export function createHandler(deps: HandlerDeps): RequestHandler {
  const { admission, route, hops, addresses, exchange, bodies, paces, unread, budget } = deps;
  const { nextId, maxBodyBytes, idleMs, clock, closing, ended, abandoned } = deps;

  return (request, response, method, expectsContinue) => {
    const startedMs = performance.now();
    let topic: string | undefined;
    let place: Place | null = null;
    let lease: (() => void) | undefined;
    let headHeld = 0;
    let stopReading = () => {};
    let running: RunningExchange | undefined;
    let ending: Ending | undefined;

    const end = (status: number, error?: BridgeError, correlationId?: string, cut?: CutReason) => {
      ending = { method, topic, status, elapsedMs: performance.now() - startedMs, error, correlationId, cut };
    };
    const answer = createAnswer(request, response, { method, closing, idleMs, clock, unread, end });
    const refuse = (cause: unknown) => answer.refuse(toBridgeError(cause), running?.correlationId ?? nextId());
    response.once('close', () => {
      answer.closed();
      if (place !== null) admission.leave(place);
      lease?.();
      if (headHeld > 0) budget.release('head', headHeld);
      if (ending === undefined) {
        running?.abandon();
        abandoned();
      } else ended(ending);
    });

    /**
     * Its place goes to another topic; false where its answer has begun, and is not to be cut for that. What was sent
     * to Kafka may run: the client gets the same answer as for a timeout.
     */
    const giveUp = () => {
      if (ending !== undefined || response.headersSent) return false;
      place = null;
      stopReading();
      const code = running === undefined ? 'overloaded' : 'timeout';
      running?.abandon();
      refuse(new BridgeError(code, 'Its topic has more requests that wait than others (max_pending, topic_share).'));
      return true;
    };

    const receive = (head: RequestHead, to: Destination, address: ReplyAddress, plan: BodyPlan | null) => {
      if (expectsContinue) response.writeContinue();
      if (plan === null) {
        running = exchange.start(outbound(head, null, null), to, address, answer);
        return;
      }
      stopReading = readBody(request, plan, {
        refused: refuse,
        whole(body, trailers, published) {
          running = exchange.start(outbound(head, body, trailers, published), to, address, answer);
        },
        long(first, behind, published) {
          const begin = outbound(head, first, null, published);
          try {
            let goOn = () => {};
            const upload = exchange.startUpload(begin, to, address, answer, () => goOn());
            running = upload;
            if (behind.length > 0) upload.write(behind);
            const readBytes = first.length + behind.length;
            const refused = (error: BridgeError) => {
              upload.abandon();
              refuse(error);
            };
            const pump = pumpUpload(request, upload, { readBytes, maxBytes: maxBodyBytes, paces, refused });
            goOn = pump.goOn;
            answer.uploading(pump.stop);
          } catch (cause) {
            published();
            refuse(cause);
          }
        },
      });
    };

    const holdHead = () => {
      const bytes = headBytes(request.rawHeaders);
      if (!budget.reserve('head', bytes)) {
        throw new BridgeError(
          'overloaded',
          'The requests that wait already take all memory that there is for their heads.',
        );
      }
      headHeld = bytes;
    };
    const take = () => {
      const received = readHead(request, method);
      const to = route(received);
      topic = to.requestTopic;
      const head = hops.next(received, topic, request.httpVersion);
      if (head === null) {
        answer.reply(ownAnswer(received, nextId()));
        if (!request.complete) dropRest(request);
        return;
      }
      checkAnnouncedLength(request, maxBodyBytes);
      const plan = hasBody(request) ? bodies.plan(request, head, to) : null;
      place = admission.enter(to, giveUp);
      const address = addresses.addressOf(to.responseTopic);
      if (address) {
        if (to.named) lease = addresses.lease(to.responseTopic);
        receive(head, to, address, plan);
        return;
      }
      addresses.open(to.responseTopic).then(
        (opened) => {
          if (response.destroyed || ending !== undefined) return;
          if (to.named) lease = addresses.lease(to.responseTopic);
          receive(head, to, opened, plan);
        },
        (cause: unknown) => ending !== undefined || refuse(cause),
      );
    };
    const attempt = () => {
      try {
        take();
      } catch (cause) {
        refuse(cause);
      }
    };
    try {
      holdHead();
    } catch (cause) {
      refuse(cause);
      return;
    }
    const opening = admission.opening();
    if (opening === null) attempt();
    else void opening.then(() => response.destroyed || attempt());
  };
}

function outbound(
  { method, target, headers, client, trace }: RequestHead,
  body: Buffer | null,
  trailers: HeaderList | null,
  published?: () => void,
): OutboundRequest {
  return { method, target, headers, client, trace, body, trailers, published };
}

function toBridgeError(cause: unknown): BridgeError {
  if (cause instanceof BridgeError) return cause;
  return new BridgeError('processing_failed', 'The proxy failed on this request.', { cause });
}
