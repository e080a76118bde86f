import type { MemoryBudget } from '@kafka-http-proxy/streams';
import type { ReplyAddresses } from '../destination.js';
import type { ConfiguredBrowsers } from '../door/cors.js';
import type { Door } from '../door/door.js';
import type { Limits } from '../door/rate/limits.js';
import type { AnswerDeps } from '../egress/answer.js';
import type { Exchange } from '../exchange/exchange.js';
import type { Generations } from '../reload/generations.js';
import type { Admission } from './admission.js';
import type { Paces } from './body/body-pace.js';
import type { BodyPlanner } from './body/body-plan.js';
import type { ClosedRequest, Ending } from './ending.js';
import type { Hops } from './hops.js';
import type { Router } from './routing.js';
import type { ServerSpans } from './server-span.js';

/** All that a request meets on its way. */
export interface RequestWayDeps extends AnswerDeps {
  readonly admission: Admission;
  readonly door: Door;
  readonly limits: Pick<Limits, 'take' | 'byPrincipal'>;
  readonly browsers: Pick<ConfiguredBrowsers, keyof AnswerDeps['browsers'] | 'isPreflight'>;
  readonly route: Router;
  readonly hops: Hops;
  readonly addresses: ReplyAddresses;
  readonly exchange: Exchange;
  readonly bodies: BodyPlanner;
  readonly paces: Paces;
  /** What the heads of requests hold is counted there. */
  readonly budget: Pick<MemoryBudget, 'reserve' | 'release'>;
  /** An id for a request that is refused before its exchange: it joins the problem and the log. */
  readonly nextId: () => string;
  /** 0: no limit. Asked for each. */
  readonly maxBodyBytes: number;
  /** Null: tracing is off. */
  readonly spans: ServerSpans | null;
  /** By which configuration it goes. */
  readonly generations: Pick<Generations, 'enter' | 'leave'>;
  readonly ended: (ending: Ending, request: ClosedRequest) => void;
  /** The client went away before its answer, or in the middle of it. */
  readonly abandoned: (request: ClosedRequest) => void;
}
