import type { KafkaInspector, KafkaRecord, OffsetRange } from '@kafka-http-proxy/kafka';
import type { Planned } from './plan.js';

/** A letter that is to be sent, as it is now. */
export interface Fetched {
  readonly planned: Planned;
  readonly record: KafkaRecord;
}

/** Most letters, and most of their bytes, that are read at once. */
const AT_ONCE = 200;
const BYTES_AT_ONCE = 16 * 1024 * 1024;

/**
 * Reads letters again, in the order of the plan: their bodies were not kept. Those that are gone meanwhile are left out.
 *
 * @throws {KafkaClientFault} when Kafka does not give them
 */
export async function* fetchLetters(
  inspector: Pick<KafkaInspector, 'read'>,
  topic: string,
  letters: readonly Planned[],
  signal: AbortSignal,
): AsyncGenerator<Fetched> {
  for (let from = 0; from < letters.length && !signal.aborted; ) {
    const chunk = chunkOf(letters, from);
    from += chunk.length;
    const wanted = new Set(chunk.map(keyOf));
    const found = new Map<string, KafkaRecord>();
    const take = (record: KafkaRecord) => {
      if (wanted.has(keyOf(record))) found.set(keyOf(record), record);
    };
    await inspector.read(rangesOf(topic, chunk), take, { signal });
    for (const planned of chunk) {
      const record = found.get(keyOf(planned));
      if (record !== undefined) yield { planned, record };
    }
  }
}

const keyOf = ({ partition, offset }: { partition: number; offset: number }): string => `${partition}:${offset}`;

function chunkOf(letters: readonly Planned[], from: number): Planned[] {
  const chunk: Planned[] = [];
  let bytes = 0;
  for (const letter of letters.slice(from, from + AT_ONCE)) {
    bytes += letter.bytes;
    if (chunk.length > 0 && bytes > BYTES_AT_ONCE) break;
    chunk.push(letter);
  }
  return chunk;
}

/** One range a partition. What lies between the letters is read and dropped: that is faster than to look for each. */
function rangesOf(topic: string, chunk: readonly Planned[]): OffsetRange[] {
  const ranges = new Map<number, OffsetRange>();
  for (const { partition, offset } of chunk) {
    const { from, to } = ranges.get(partition) ?? { from: offset, to: offset + 1 };
    ranges.set(partition, { topic, partition, from: Math.min(from, offset), to: Math.max(to ?? 0, offset + 1) });
  }
  return [...ranges.values()];
}
