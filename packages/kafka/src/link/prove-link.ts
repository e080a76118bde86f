import { timeoutSignal } from '@kafka-http-proxy/protocol';
import { describeDenial } from '../client/access.js';
import { CODE } from '../client/errors.js';
import type { AccessNeed, DeniedAccess } from '../port/access.js';
import { KafkaClientFault } from '../port/failures.js';
import type { RecordProducer } from '../port/producer.js';
import type { KafkaSettings } from '../port/settings.js';
import { createProducer } from '../producer/producer.js';
import { listenToLink } from './link-events.js';

/** Properties that may come to be used, and what for. */
export interface LinkProof {
  /** As they are now; their events hear nothing of the attempt. */
  readonly settings: KafkaSettings;
  readonly properties: KafkaSettings['properties'];
  readonly needs: readonly AccessNeed[];
  /** What is denied already: that is no news. */
  readonly known: readonly DeniedAccess[];
  readonly signal: AbortSignal;
  /** Makes the client that is used; a producer when left out. */
  readonly open?:
    | ((settings: KafkaSettings, signal: AbortSignal) => Promise<Pick<RecordProducer, 'denied' | 'close'>>)
    | undefined;
  /** For all of it; 10 s when left out. */
  readonly timeoutMs?: number;
}

const TIMEOUT_MS = 10_000;

/** After one broker refused the login or a certificate, others have so long to take it, ms. */
const OTHERS_MS = 2000;

/**
 * Logs in by other properties, with a client of its own, and asks what is denied then.
 *
 * @throws {KafkaClientFault} with a sentence, when they can't be used
 */
export async function proveLink(proof: LinkProof): Promise<void> {
  const { settings, properties, needs, known, timeoutMs = TIMEOUT_MS, open = openProducer } = proof;
  const refused = new AbortController();
  let others: NodeJS.Timeout | undefined;
  const signal = AbortSignal.any([proof.signal, refused.signal, timeoutSignal(timeoutMs)]);
  const events = { error: () => undefined, log: () => undefined, restarted: () => undefined };
  const link = listenToLink({ ...settings, properties, events }, () => {
    others ??= setTimeout(() => refused.abort(), OTHERS_MS);
  });
  try {
    const producer = await open(link.settings, signal);
    try {
      const denied = await producer.denied(needs.filter(({ optional = false }) => optional === false));
      const before = new Set(known.map(describeDenial));
      const news = denied.map(describeDenial).filter((sentence) => !before.has(sentence));
      if (news.length > 0) throw new KafkaClientFault(news.join('; '), CODE.topicNotAuthorized);
    } finally {
      await producer.close(0);
    }
  } catch (cause) {
    const trouble = link.trouble();
    if (trouble === null) throw cause;
    throw new KafkaClientFault(trouble, cause instanceof KafkaClientFault ? cause.code : CODE.state, { cause });
  } finally {
    clearTimeout(others);
  }
}

function openProducer(settings: KafkaSettings, signal: AbortSignal): Promise<RecordProducer> {
  return createProducer(settings, { messageTimeoutMs: TIMEOUT_MS, signal });
}
