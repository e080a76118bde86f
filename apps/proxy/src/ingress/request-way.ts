import type { IncomingMessage, ServerResponse } from 'node:http';
import { BridgeError, type ReplyAddress } from '@kafka-http-proxy/protocol';
import type { Destination } from '../destination.js';
import type { Entrance } from '../door/entrance.js';
import { Answer } from '../egress/answer.js';
import type { CutReason } from '../egress/egress-stream.js';
import { dropRest } from '../egress/linger.js';
import type { Exchange } from '../exchange/exchange.js';
import type { TracedRequest } from '../exchange/exchange-spans.js';
import type { OutboundRequest } from '../exchange/outbound.js';
import type { RunningExchange } from '../exchange/waiting-request.js';
import type { ResponseOwner } from '../http/connections.js';
import type { Generation } from '../reload/generations.js';
import { pumpUpload } from './body/pump-body.js';
import { type BodyPlan, checkAnnouncedLength, hasBody, readBody } from './body/read-body.js';
import type { ClosedRequest, Ending } from './ending.js';
import { ownAnswer } from './hops.js';
import type { Place } from './places.js';
import { type RequestHead, readHead, reserveHead } from './request-head.js';
import type { RequestWayDeps } from './request-way-deps.js';
import { destinationOf, throughDoor } from './through-door.js';

/**
 * The way of one request: head, route, place, address, body, exchange; and back, the answer. What it holds on the way is
 * given back when its response has closed, whatever became of it.
 */
export class RequestWay implements ResponseOwner, ClosedRequest {
  readonly #deps: RequestWayDeps;
  readonly request: IncomingMessage;
  readonly #response: ServerResponse;
  readonly method: string;
  readonly #expectsContinue: boolean;
  readonly answer: Answer;
  readonly #startedMs = performance.now();
  readonly #generation: Generation;
  topic: string | undefined = undefined;
  #place: Place | null = null;
  #lease: (() => void) | undefined = undefined;
  /** What its head holds of the budget, bytes. */
  #headHeld = 0;
  #stopReading: (() => void) | null = null;
  #running: RunningExchange | null = null;
  #ending: Ending | null = null;
  #trailers: Entrance['trailers'] = (fields) => fields;
  #route: string | null = null;
  traced: TracedRequest | null = null;
  principal: string | null = null;

  constructor(
    deps: RequestWayDeps,
    request: IncomingMessage,
    response: ServerResponse,
    method: string,
    expectsContinue: boolean,
  ) {
    this.#deps = deps;
    this.request = request;
    this.#response = response;
    this.method = method;
    this.#expectsContinue = expectsContinue;
    this.#generation = deps.generations.enter();
    this.answer = new Answer(request, response, method, this, deps);
  }

  /** Takes it in, or answers why not. */
  begin(): void {
    try {
      this.#headHeld = reserveHead(this.request, this.#deps.budget);
    } catch (cause) {
      this.#refuse(cause);
      return;
    }
    const opening = this.#deps.admission.opening();
    if (opening === null) this.#attempt();
    else void opening.then(() => this.#response.destroyed || this.#attempt());
  }

  get correlationId(): string | undefined {
    return this.#ending?.correlationId ?? this.#running?.correlationId;
  }

  elapsedMs(): number {
    return performance.now() - this.#startedMs;
  }

  /** The outcome is known: the response's `close` may still be to come. */
  end(status: number, error?: BridgeError, correlationId?: string, cut?: CutReason): void {
    this.#ending = {
      method: this.method,
      topic: this.topic,
      status,
      elapsedMs: this.elapsedMs(),
      error,
      correlationId,
      cut,
      traced: this.traced,
    };
  }

  closed(): void {
    const { admission, budget, generations, spans, abandoned, ended } = this.#deps;
    generations.leave(this.#generation);
    this.answer.closed();
    if (this.#place !== null) admission.leave(this.#place);
    this.#lease?.();
    if (this.#headHeld > 0) budget.release('head', this.#headHeld);
    if (this.traced !== null) spans?.end(this.traced, this, this.#ending, this.#route);
    if (this.#ending === null) {
      this.#running?.abandon();
      abandoned(this);
    } else ended(this.#ending, this);
  }

  #attempt(): void {
    try {
      this.#take();
    } catch (cause) {
      this.#refuse(cause);
    }
  }

  #take(): void {
    const { door, spans, route } = this.#deps;
    const request = this.request;
    const entrance = door.entranceOf(request);
    const received = readHead(request, this.method, entrance);
    if (spans !== null) this.traced = spans.begin(this.method, received.trace, this.elapsedMs());
    const to = destinationOf(route, received, entrance);
    if ('requestTopic' in to) {
      this.topic = to.requestTopic;
      this.#route = to.route ?? null;
    }
    throughDoor(this.#deps, request, received, to, entrance, {
      pass: (head, there) => this.#ending !== null || this.#response.destroyed || this.#pass(head, there, entrance),
      refuse: (cause) => this.#ending !== null || this.#refuse(cause),
      counted: (fields) => {
        this.answer.limit = fields;
      },
    });
  }

  #pass(received: RequestHead, to: Destination, entrance: Entrance): void {
    const { hops, nextId, bodies, admission, addresses, maxBodyBytes } = this.#deps;
    const request = this.request;
    this.principal = received.principal ?? null;
    this.#trailers = entrance.trailers;
    const head = hops.next(received, to.requestTopic, request.httpVersion);
    if (head === null) {
      this.answer.reply(ownAnswer(received, nextId()));
      if (!request.complete) dropRest(request);
      return;
    }
    checkAnnouncedLength(request, maxBodyBytes);
    const plan = hasBody(request) ? bodies.plan(request, head, to) : null;
    this.#place = admission.enter(to, () => this.#giveUp());
    const address = addresses.addressOf(to.responseTopic);
    if (address) {
      this.#goOn(head, to, address, plan);
      return;
    }
    addresses.open(to.responseTopic).then(
      (opened) => {
        if (!this.#response.destroyed && this.#ending === null) this.#goOn(head, to, opened, plan);
      },
      (cause: unknown) => this.#ending !== null || this.#refuse(cause),
    );
  }

  #goOn(head: RequestHead, to: Destination, address: ReplyAddress, plan: BodyPlan | null): void {
    if (to.named) this.#lease = this.#deps.addresses.lease(to.responseTopic);
    if (this.#expectsContinue) this.#response.writeContinue();
    if (plan === null)
      this.#running = this.#exchange({ head, body: null, trailers: null, traced: this.traced }, to, address);
    else this.#readBody(head, to, address, plan);
  }

  #exchange(outbound: OutboundRequest, to: Destination, address: ReplyAddress): RunningExchange {
    return this.#deps.exchange.start(outbound, to, address, this.answer);
  }

  #readBody(head: RequestHead, to: Destination, address: ReplyAddress, plan: BodyPlan): void {
    this.#stopReading = readBody(this.request, plan, {
      refused: (error) => this.#refuse(error),
      whole: (body, trailers, published) => {
        this.#running = this.#exchange(
          { head, body, trailers: this.#trailers(trailers), published, traced: this.traced },
          to,
          address,
        );
      },
      long: (first, behind, published) => {
        try {
          this.#upload({ head, body: first, trailers: null, published, traced: this.traced }, behind, to, address);
        } catch (cause) {
          published();
          this.#refuse(cause);
        }
      },
    });
  }

  /** @throws {BridgeError} as {@link Exchange.startUpload} */
  #upload(begin: OutboundRequest & { readonly body: Buffer }, behind: Buffer, to: Destination, address: ReplyAddress) {
    const { exchange, paces, maxBodyBytes } = this.#deps;
    let goOn = () => {};
    const upload = exchange.startUpload(begin, to, address, this.answer, () => goOn());
    this.#running = upload;
    if (behind.length > 0) upload.write(behind);
    const readBytes = begin.body.length + behind.length;
    const refused = (error: BridgeError) => {
      upload.abandon();
      this.#refuse(error);
    };
    const pump = pumpUpload(this.request, upload, {
      readBytes,
      maxBytes: maxBodyBytes,
      paces,
      passing: this.#trailers,
      refused,
    });
    goOn = pump.goOn;
    this.answer.uploading(pump.stop);
  }

  /**
   * Its place goes to another topic; false where its answer has begun, and is not to be cut for that. What was sent
   * to Kafka may run: the client gets the same answer as for a timeout.
   */
  #giveUp(): boolean {
    if (this.#ending !== null || this.#response.headersSent) return false;
    this.#place = null;
    this.#stopReading?.();
    const code = this.#running === null ? 'overloaded' : 'timeout';
    this.#running?.abandon();
    this.#refuse(
      new BridgeError(code, 'Its topic has more requests that wait than others (max_pending, topic_share).'),
    );
    return true;
  }

  #refuse(cause: unknown): void {
    this.answer.refuse(toBridgeError(cause), this.#running?.correlationId ?? this.#deps.nextId());
  }
}

function toBridgeError(cause: unknown): BridgeError {
  if (cause instanceof BridgeError) return cause;
  return new BridgeError('processing_failed', 'The proxy failed on this request.', { cause });
}
