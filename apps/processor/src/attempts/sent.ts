import type { DeadLetterError } from '@kafka-http-proxy/protocol';
import type { Attempt } from './attempt.js';

/** Whether the backend has seen a request: `yes` where it answered, `no` where nothing can have reached it. */
export type Sent = NonNullable<DeadLetterError['sent']>;

/** What one attempt says of that. */
export function sentBy(attempt: Attempt): Sent {
  switch (attempt.kind) {
    case 'answer':
    case 'stream':
    case 'too_large':
    case 'no_room':
      return 'yes';
    case 'timeout':
    case 'cancelled':
      return attempt.sent ? 'maybe' : 'no';
    case 'failure':
      return attempt.failure.sent ? 'maybe' : 'no';
  }
}

/** What two attempts at one request say together. */
export function eitherSent(one: Sent, other: Sent): Sent {
  if (one === 'yes' || other === 'yes') return 'yes';
  return one === 'maybe' ? one : other;
}
