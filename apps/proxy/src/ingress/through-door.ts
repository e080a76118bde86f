import type { IncomingMessage } from 'node:http';
import type { HeaderList } from '@kafka-http-proxy/protocol';
import type { Destination } from '../destination.js';
import type { Door } from '../door/door.js';
import type { Entrance } from '../door/entrance.js';
import type { Identity } from '../door/identity/identity.js';
import type { Limited } from '../door/rate/limits.js';
import { type Bound, readsAsAnother } from '../door/requirement.js';
import type { RequestHead } from './request-head.js';
import type { RequestWayDeps } from './request-way-deps.js';
import type { Router } from './routing.js';

/** Why a request has no destination. */
interface Astray {
  readonly cause: unknown;
}

/** Where a request goes, or why it goes nowhere: only who is let in is to be told that. */
export function destinationOf(route: Router, received: RequestHead, entrance: Entrance): Destination | Astray {
  try {
    entrance.checkTopics(received.directives);
    return route(received);
  } catch (cause) {
    return { cause };
  }
}

/** What becomes of a request at the door: one of these, once. */
export interface AtTheDoor {
  /** It may go on, with this head; the principal is in it where somebody was recognised. */
  pass(head: RequestHead, to: Destination): void;
  /** What is thrown by {@link pass}, too. */
  refuse(cause: unknown): void;
  /** A token of its limit was taken: fields of its answer; null where it has no limit. */
  counted(fields: HeaderList | null): void;
}

/**
 * Takes a request through the door: at once, where it is known who sends it. A preflight has no credentials to show: what
 * it asks for will have them.
 *
 * What is counted by address or field is counted first, so that nobody has signatures checked without end; by
 * principal, who shows none that is good is counted by his address.
 *
 * @param entrance which of its fields count
 * @throws {BridgeError} as {@link Door.judge}, and `rate_limited`
 */
export function throughDoor(
  { door, browsers, limits }: Pick<RequestWayDeps, 'door' | 'browsers' | 'limits'>,
  request: IncomingMessage,
  received: RequestHead,
  to: Destination | Astray,
  entrance: Entrance,
  { pass, refuse, counted }: AtTheDoor,
): void {
  const bound: Limited = 'cause' in to ? ASTRAY : to;
  // Nobody goes by another route's limit, as nobody goes by another's requirement.
  const isOwnWay = bound.entry?.rate_limit === undefined || !readsAsAnother(received.target);
  const limited = isOwnWay ? bound : { ...bound, byHeader: true };
  const byPrincipal = limits.byPrincipal(limited);
  const count = (principal: string | null): void =>
    counted(limits.take(limited, principal, () => door.clientOf(request), received.headers));
  const known = (identity: Identity | null): void => {
    try {
      if (byPrincipal) count(identity?.principal ?? null);
      if ('cause' in to) throw to.cause;
      pass(identity === null ? received : introduced(door, received, identity), to);
    } catch (cause) {
      refuse(cause);
    }
  };
  const unknown = (cause: unknown): void => {
    try {
      if (byPrincipal) count(null);
      refuse(cause);
    } catch (tooMany) {
      refuse(tooMany);
    }
  };
  if (!byPrincipal) count(null);
  const { method, target } = received;
  const isPreflight = method === 'OPTIONS' && browsers.isPreflight({ method, target, headers: request.rawHeaders });
  let judged: ReturnType<Door['judge']> = null;
  try {
    if (!isPreflight) judged = door.judge(request, entrance, boundOf(bound, target));
  } catch (cause) {
    unknown(cause);
    return;
  }
  if (judged instanceof Promise) judged.then(known, unknown);
  else known(judged);
}

/** What is asked of who goes nowhere. */
const ASTRAY: Limited = { requestTopic: '' };

function boundOf({ entry, requestTopic, byHeader = false }: Limited, target: string): Bound {
  return { entry: entry ?? null, requestTopic, byHeader, target };
}

function introduced(door: Door, received: RequestHead, identity: Identity): RequestHead {
  return { ...received, headers: door.onward(received.headers, identity), principal: identity.principal };
}
