import type { KafkaSendError, OutgoingRecord, WrittenAt } from '@kafka-http-proxy/kafka';
import { beginDelivery, contextHeader, endDelivery } from '../spans/send-span.js';
import type { Sampled } from '../spans/traced-run.js';
import { type Delivery, type DeliveryTools, deliver } from './delivery.js';
import type { Taken } from './taken.js';

/**
 * {@link deliver} with a span around all tries.
 *
 * @param names whether the record says which span sent it; a dead letter's headers are those of its request
 */
export function deliverTraced(
  sampled: Sampled,
  { assignment, correlationId }: Taken,
  record: OutgoingRecord,
  tools: DeliveryTools,
  persist: (error: KafkaSendError) => boolean,
  names: boolean,
): Promise<Delivery> {
  const span = beginDelivery(sampled, record.topic);
  const sent = names ? { ...record, headers: [...record.headers, contextHeader(sampled, span)] } : record;
  let at: WrittenAt | undefined;
  const written = (where: WrittenAt | undefined) => {
    at = where;
  };
  return deliver(sent, tools, assignment, persist, written).then((delivery) => {
    endDelivery(sampled, span, record, correlationId, delivery === 'acknowledged' ? null : delivery, at);
    return delivery;
  });
}
