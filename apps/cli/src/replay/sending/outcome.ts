import type { Mark } from '@kafka-http-proxy/operate';
import type { Fate } from '@kafka-http-proxy/proxy';

/** How a letter ended: what is counted and printed. */
export interface Outcome {
  /** `answered 200`, `failed backend_timeout`, `sent`, `doubtful timed_out`. */
  readonly label: string;
  /** Counts for `--stop-after` and for the exit code. */
  readonly isFailure: boolean;
  /** What the mark is to say; null: that of before stands, which says that it may have been sent. */
  readonly mark: Pick<Mark, 'state' | 'status' | 'code' | 'n' | 'to'> | null;
}

/** The least status that is the backend's own failure (RFC 9110 §15.6). */
const SERVER_ERROR = 500;

/**
 * Judges what became of a letter that was sent.
 *
 * @param n how often it was sent, this time included
 * @param topic where it was sent
 */
export function outcomeOf(fate: Fate, n: number, topic: string): Outcome {
  switch (fate.kind) {
    case 'answered': {
      const { status } = fate;
      const state = status < SERVER_ERROR ? 'answered' : 'failed';
      const mark = { state, status, n, to: placed(topic, fate.at) } as const;
      return { label: `${state} ${status}`, isFailure: state === 'failed', mark };
    }
    case 'failed': {
      const { code, status } = fate;
      const mark = { state: 'failed', code, n, ...(status && { status }), to: placed(topic, fate.at) } as const;
      return { label: `failed ${code}`, isFailure: true, mark };
    }
    case 'sent':
      return { label: 'sent', isFailure: false, mark: { state: 'sent', n, to: placed(topic, fate.at) } };
    case 'unsent':
      return notSent(fate.failure, n);
    case 'doubtful':
      return { label: `doubtful ${fate.failure}`, isFailure: true, mark: null };
  }
}

/** The outcome of one that is not in Kafka: it has no place, and was sent no more often than before. */
export function notSent(code: string, n: number): Outcome {
  return { label: `failed ${code}`, isFailure: true, mark: { state: 'failed', code, n: n - 1 } };
}

function placed(topic: string, { partition, offset }: { partition: number; offset: number }): [string, number, number] {
  return [topic, partition, offset];
}
