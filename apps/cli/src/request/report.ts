import { type Phases, placeOf, type Statistics } from '@kafka-http-proxy/operate';
import { shownId } from '@kafka-http-proxy/protocol';
import type { Sent } from '@kafka-http-proxy/proxy';
import type { Replied } from './observer.js';

/** What is known of a request. */
export interface Travelled {
  readonly sent: Sent | null;
  readonly replied: Replied | null;
  readonly phases: Phases | null;
  readonly totalMs: number;
}

/** Where a request went and how long each part took: lines for `-v`. */
export function describeSent({ sent, replied, phases, totalMs }: Travelled): string[] {
  if (sent === null) return ['it was answered here: nothing was sent to Kafka'];
  const lines = [`request ${placeOf(sent)}, id ${shownId(sent.correlationId)}`];
  if (replied !== null) lines.push(`reply   ${placeOf(replied.record)}`);
  const parts = [`publish ${ms(sent.publishMs)}`];
  if (phases?.backend != null) {
    const { queue, backend, reply } = phases;
    if (queue === null || reply === null)
      parts.push(
        `backend ${ms(backend)}`,
        `queue and reply ${ms(totalMs - sent.publishMs - backend)} (the clocks differ)`,
      );
    else parts.push(`queue ${ms(queue)}`, `backend ${ms(backend)}`, `reply ${ms(reply)}`);
  }
  return [...lines, `${parts.join(', ')}, total ${ms(totalMs)}`];
}

/** Statistics as one line. */
export function describeTimes({ min, average, p95, max }: Statistics): string {
  return `min ${ms(min)}, avg ${ms(average)}, p95 ${ms(p95)}, max ${ms(max)}`;
}

/** `12.3 ms`, `1.23 s`. */
function ms(value: number): string {
  const shown = Math.max(0, value);
  if (shown >= 1000) return `${(shown / 1000).toFixed(2)} s`;
  return `${shown >= 100 ? shown.toFixed(0) : shown.toFixed(1)} ms`;
}
