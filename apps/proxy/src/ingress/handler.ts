import type { IncomingMessage, ServerResponse } from 'node:http';
import { BridgeError, type HeaderList, type ReplyAddress } from '@kafka-http-proxy/protocol';
import type { Clock } from '@kafka-http-proxy/streams';
import type { CutReason } from '../egress-stream.js';
import type { Exchange, OutboundRequest, RunningExchange } from '../exchange.js';
import type { Destination, Router } from '../routing.js';
import type { Admission } from './admission.js';
import { createAnswer } from './answer.js';
import type { BodyPlanner } from './body-plan.js';
import { type BodyPlan, checkAnnouncedLength, hasBody, readBody } from './read-body.js';
import { type RequestHead, readHead } from './request-head.js';
import { pumpUpload } from './upload.js';

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

/** Where replies to a response topic are to be sent. */
export interface ReplyAddresses {
  addressOf(topic: string): ReplyAddress | undefined;
  open(topic: string): Promise<ReplyAddress>;
}

export interface HandlerDeps {
  readonly admission: Admission;
  readonly route: Router;
  readonly addresses: ReplyAddresses;
  readonly exchange: Exchange;
  readonly bodies: BodyPlanner;
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

/** Takes one request from its head to the end of its response. */
export type RequestHandler = (
  request: IncomingMessage,
  response: ServerResponse,
  method: string,
  expectsContinue: boolean,
) => void;

export function createHandler(deps: HandlerDeps): RequestHandler {
  const { admission, route, addresses, exchange, bodies, nextId, maxBodyBytes, idleMs, clock } = deps;
  const { closing, ended, abandoned } = deps;

  return (request, response, method, expectsContinue) => {
    const startedMs = performance.now();
    let topic: string | undefined;
    let inside = false;
    let running: RunningExchange | undefined;
    let ending: Ending | undefined;

    const end = (status: number, error?: BridgeError, correlationId?: string, cut?: CutReason) => {
      ending = { method, topic, status, elapsedMs: performance.now() - startedMs, error, correlationId, cut };
    };
    const answer = createAnswer(request, response, { method, closing, idleMs, clock, end });
    const refuse = (cause: unknown) => answer.refuse(toBridgeError(cause), running?.correlationId ?? nextId());
    response.once('close', () => {
      if (inside) admission.leave();
      if (ending === undefined) {
        running?.abandon();
        abandoned();
      } else ended(ending);
    });

    const receive = (head: RequestHead, to: Destination, address: ReplyAddress, plan: BodyPlan | null) => {
      if (expectsContinue) response.writeContinue();
      if (plan === null) {
        running = exchange.start(outbound(head, null, null), to, address, answer);
        return;
      }
      readBody(request, plan, {
        refused: refuse,
        whole(body, trailers, published) {
          running = exchange.start(outbound(head, body, trailers, published), to, address, answer);
        },
        long(first, behind, published) {
          const begin = outbound(head, first, null, published);
          try {
            const upload = exchange.startUpload(begin, to, address, answer, () => request.resume());
            running = upload;
            if (behind.length > 0) upload.write(behind);
            const readBytes = first.length + behind.length;
            const refused = (error: BridgeError) => {
              upload.abandon();
              refuse(error);
            };
            answer.uploading(pumpUpload(request, upload, { readBytes, maxBytes: maxBodyBytes, refused }));
          } catch (cause) {
            published();
            refuse(cause);
          }
        },
      });
    };

    const take = () => {
      const head = readHead(request, method);
      const to = route(head);
      topic = to.requestTopic;
      checkAnnouncedLength(request, maxBodyBytes);
      const plan = hasBody(request) ? bodies.plan(request, head, to) : null;
      admission.enter(to);
      inside = true;
      const address = addresses.addressOf(to.responseTopic);
      if (address) {
        receive(head, to, address, plan);
        return;
      }
      addresses.open(to.responseTopic).then(
        (opened) => response.destroyed || receive(head, to, opened, plan),
        (cause: unknown) => refuse(cause),
      );
    };
    const attempt = () => {
      try {
        take();
      } catch (cause) {
        refuse(cause);
      }
    };
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
