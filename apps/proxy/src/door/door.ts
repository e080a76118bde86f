import type { IncomingMessage } from 'node:http';
import type { HeaderList, ProxyConfig } from '@kafka-http-proxy/protocol';
import type { Clock } from '@kafka-http-proxy/streams';
import { clientAddress } from '../http/client-address.js';
import { createEntrance, type Entrance } from './entrance.js';
import { createGate, type Judged } from './gate.js';
import type { Identity } from './identity/identity.js';
import { createPeers } from './peers.js';
import { prepareRecognition, type RecognitionEvents } from './recognition.js';
import { type Bound, createRequirements } from './requirement.js';

/** Who gets in, as the configuration in effect has it. */
export interface Door {
  /** The rules for the fields of a request. */
  entranceOf(request: Pick<IncomingMessage, 'socket'>): Entrance;
  /** Whose request it is, as far as those can be believed who say so. */
  clientOf(request: Pick<IncomingMessage, 'socket' | 'rawHeaders'>): string | null;
  /**
   * Lets a request through, or not.
   *
   * @returns null where nobody has to say who he is; at once where that is known already
   * @throws {BridgeError} `unauthenticated`, `forbidden`, `auth_unavailable`, `overloaded`; a promise rejects likewise
   */
  judge(request: IncomingMessage, entrance: Entrance, bound: Bound): Identity | null | Promise<Identity>;
  /** Fields as they go on: without credentials that are for this proxy, and with what is said of their owner. */
  onward(headers: HeaderList, identity: Identity): HeaderList;
  /** Why some can't be recognised yet; sentences for an operator. */
  notes(): string[];
  /**
   * Gets what another configuration needs.
   *
   * @throws Error with a sentence, and everything is as before
   */
  prepare(config: ProxyConfig): Promise<PreparedDoor>;
  close(): void;
}

/** A door for another configuration: one of these is to be called. */
export interface PreparedDoor {
  /** Puts it into effect; cannot fail. */
  commit(): void;
  /** Gives back what it holds. */
  abandon(): void;
}

/** What a door is made with. */
export interface DoorDeps {
  readonly events: RecognitionEvents & { readonly judged: Judged };
  readonly clock: Clock;
}

/**
 * @throws Error with a sentence, where a file of the configuration can't be used
 * @example
 * const door = await createDoor(config, { events, clock });
 * const identity = await door.judge(request, door.entranceOf(request), { entry: null, requestTopic, byHeader: false, target });
 */
export async function createDoor(config: ProxyConfig, { events, clock }: DoorDeps): Promise<Door> {
  let recognition = await prepareRecognition(config, null, events, clock);
  let rules = rulesOf(config);
  let gate = createGate(recognition, events.judged);
  return {
    entranceOf: ({ socket }) => (rules.peers.isTrusted(clientAddress(socket)) ? rules.trusted : rules.others),
    clientOf: ({ socket, rawHeaders }) => rules.peers.clientOf(clientAddress(socket), rawHeaders),
    judge({ socket, rawHeaders: headers }, entrance, bound) {
      const requirement = rules.requirementOf(bound);
      return requirement.methods === null ? null : gate({ socket, headers, entrance }, requirement);
    },
    onward(headers, { claims }) {
      const own = recognition.tokens?.forward === false ? withoutToken(headers) : headers;
      return claims.length === 0 ? own : [...own, ...claims];
    },
    notes: () => recognition.notes(),
    async prepare(next) {
      const following = await prepareRecognition(next, recognition, events, clock);
      const rulesThen = rulesOf(next);
      return {
        commit() {
          const before = recognition;
          recognition = following;
          rules = rulesThen;
          gate = createGate(recognition, events.judged);
          before.closeUnless(following);
        },
        abandon: () => following.closeUnless(recognition),
      };
    },
    close: () => recognition.close(),
  };
}

function rulesOf(config: ProxyConfig) {
  return {
    peers: createPeers(config.trusted_proxies),
    trusted: createEntrance(config, true),
    others: createEntrance(config, false),
    requirementOf: createRequirements(config),
  };
}

/** A token does not go on, be it the one that was judged, or beside a key or a certificate that was. */
function withoutToken(headers: HeaderList): HeaderList {
  for (let i = 0; i < headers.length; i += 2) {
    const name = headers[i] as string;
    if (name.length !== 13 || name.toLowerCase() !== 'authorization') continue;
    if (/^bearer\b/i.test(headers[i + 1] as string)) return withoutToken(headers.toSpliced(i, 2));
  }
  return headers;
}
