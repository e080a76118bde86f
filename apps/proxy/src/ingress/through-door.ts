import type { IncomingMessage } from 'node:http';
import type { Destination } from '../destination.js';
import type { Door } from '../door/door.js';
import type { Entrance } from '../door/entrance.js';
import type { Identity } from '../door/identity/identity.js';
import type { Bound } from '../door/requirement.js';
import type { RequestHead } from './request-head.js';
import type { RequestWayDeps } from './request-way-deps.js';
import type { Router } from './routing.js';

/** Why a request has no destination. */
interface Astray {
  readonly cause: unknown;
}

/** Where a request goes, or why it goes nowhere: only who is let in is to be told that. */
export function destinationOf(route: Router, received: RequestHead): Destination | Astray {
  try {
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
}

/**
 * Takes a request through the door: at once, where it is known who sends it. A preflight has no credentials to show: what
 * it asks for will have them.
 *
 * @param entrance which of its fields count
 */
export function throughDoor(
  { door, browsers }: Pick<RequestWayDeps, 'door' | 'browsers'>,
  request: IncomingMessage,
  received: RequestHead,
  to: Destination | Astray,
  entrance: Entrance,
  { pass, refuse }: AtTheDoor,
): void {
  const known = (identity: Identity | null): void => {
    try {
      if ('cause' in to) throw to.cause;
      pass(identity === null ? received : introduced(door, received, identity), to);
    } catch (cause) {
      refuse(cause);
    }
  };
  const { method, target } = received;
  const judged =
    method === 'OPTIONS' && browsers.isPreflight({ method, target, headers: request.rawHeaders })
      ? null
      : door.judge(request, entrance, 'cause' in to ? ASTRAY : boundOf(to, target));
  if (judged instanceof Promise) judged.then(known, refuse);
  else known(judged);
}

const ASTRAY: Bound = { entry: null, requestTopic: '', byHeader: false, target: '' };

function boundOf({ entry, requestTopic, byHeader = false }: Destination, target: string): Bound {
  return { entry: entry ?? null, requestTopic, byHeader, target };
}

function introduced(door: Door, received: RequestHead, identity: Identity): RequestHead {
  return { ...received, headers: door.onward(received.headers, identity), principal: identity.principal };
}
