import { isLegalTopic } from '@kafka-http-proxy/protocol';
import type { Clock } from '@kafka-http-proxy/streams';

/** Requests that were refused because the two tiers are not configured alike: remembered for /ready. */
export interface RefusalNotes {
  /** The reply may not go where the request says. Whoever waits there hears nothing: only this note says so. */
  replyTopic(requestTopic: string, replyTopic: string): void;
  /** The proxy of a request topic sends the rest of bodies through another control topic. */
  controlTopic(requestTopic: string, theirs: string): void;
  /** A sentence each, as long as such requests came of late. */
  notes(): string[];
  /** Forgets them: the configuration is another one, and what still holds comes again. */
  clear(): void;
}

/** How long after the last such request a note stands, ms. */
const STANDS_MS = 300_000;

/**
 * At most one note a kind and request topic: those are configured, what records name is not.
 *
 * @example
 * const notes = createRefusalNotes('khp-control', clock);
 * notes.controlTopic('requests', 'another-control');
 * notes.notes(); // ['bodies longer than a record are refused: …']
 */
export function createRefusalNotes(ours: string, clock: Clock): RefusalNotes {
  const found = new Map<string, { sentence: string; atMs: number }>();
  const note = (kind: string, sentence: string) => void found.set(kind, { sentence, atMs: clock.now() });
  return {
    replyTopic(requestTopic, replyTopic) {
      const where = isLegalTopic(replyTopic) ? replyTopic : 'a topic of no legal name';
      const sentence = `requests of ${requestTopic} are not carried out: their replies may not go to ${where} (response_topic, allowed_response_topics)`;
      note(`reply ${requestTopic}`, sentence);
    },
    controlTopic(requestTopic, theirs) {
      const sentence = `bodies longer than a record are refused: a proxy of ${requestTopic} has control_topic ${theirs}, this processor ${ours}`;
      note(`control ${requestTopic}`, sentence);
    },
    notes() {
      const since = clock.now() - STANDS_MS;
      for (const [kind, { atMs }] of found) if (atMs < since) found.delete(kind);
      return [...found.values()].map(({ sentence }) => sentence);
    },
    clear: () => found.clear(),
  };
}
