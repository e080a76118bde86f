import { randomBytes } from 'node:crypto';
import { type HeaderList, isToken } from './header-list.js';

/*
 * Via (RFC 9110 §7.6.3): each tier adds a mark to a request, and one that comes back with it went round. The mark names
 * the process (or, where `via` is set, all that share the name) and the request topic: a request may pass a proxy
 * twice on a way that ends, by other topics, and two installations whose topics are named alike may be chained.
 */

/** Adds a tier's mark to requests, and knows it again. */
export interface ViaMarks {
  /** The value of Via for a request of a topic. @param protocol that it was received in: `1.1` */
  of(topic: string, protocol: string): string;
  /** True for a request that passed here before, on its way to the same topic. */
  passedBefore(headers: HeaderList, topic: string): boolean;
}

/**
 * The marks of a tier; null where none are wanted.
 *
 * @param name `via` of the configuration: a name, `off`, or undefined for one of this process alone
 * @example
 * const via = createViaMarks('kafka-proxy', undefined);
 * if (via?.passedBefore(headers, 'orders')) throw new BridgeError('loop_detected', 'The request came back.');
 */
export function createViaMarks(tier: 'kafka-proxy' | 'kafka-processor', name: string | undefined): ViaMarks | null {
  if (name === 'off') return null;
  const begin = `${tier}-${name ?? randomBytes(6).toString('hex')}-`;
  const marks = new Map<string, string>();
  const markOf = (topic: string) => {
    let mark = marks.get(topic);
    if (mark === undefined) {
      if (marks.size >= MOST_MARKS) marks.clear();
      mark = begin + shortHash(topic);
      marks.set(topic, mark);
    }
    return mark;
  };
  return {
    of: (topic, protocol) => `${protocol} ${markOf(topic)}`,
    passedBefore(headers, topic) {
      for (let i = 0; i < headers.length; i += 2) {
        const field = headers[i] as string;
        if (field.length !== 3 || field.toLowerCase() !== 'via') continue;
        const value = headers[i + 1] as string;
        const mark = markOf(topic);
        // A line without the mark has it in no entry either, and need not be taken apart.
        if (value.includes(mark) && receivedBy(value).includes(mark)) return true;
      }
      return false;
    },
  };
}

/** So many marks are remembered, since each request asks for one. Clients may name any number of topics. */
const MOST_MARKS = 100;

/** True for what may stand in `via`: it becomes part of a pseudonym. */
export function isViaName(value: string): boolean {
  return isToken(value) && value.length <= 64;
}

/** Who handed it on, of each entry of a Via line: `[protocol "/"] version SP by [SP comment]`. */
function receivedBy(value: string): string[] {
  return value.split(',').map((entry) => entry.trim().split(/[ \t]+/)[1] ?? '');
}

/** FNV-1a of 32 bits: it keeps a topic's name inside, and need not be hard to guess. */
function shortHash(text: string): string {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return (hash >>> 0).toString(16).padStart(8, '0');
}
