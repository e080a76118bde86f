import type { KafkaInspector, KafkaSettings } from '@kafka-http-proxy/kafka';
import { openFileMarks } from './file-marks.js';
import { openKafkaMarks } from './kafka-marks.js';
import type { MarkReading, MarkStore } from './mark-store.js';

/** Where marks are kept. */
export interface MarksPlace {
  readonly settings: KafkaSettings;
  readonly inspector: KafkaInspector;
  readonly deadLetterTopic: string;
  /** `--state`: a file instead of the marks topic. */
  readonly state?: string | undefined;
}

/**
 * Opens the marks of a dead-letter topic, read to their end.
 *
 * @throws {CommandFailure} when that is denied, or the file can't be used; {KafkaClientFault}; the reason of the signal
 */
export async function openMarks(place: MarksPlace, reading: MarkReading = {}): Promise<MarkStore> {
  const { settings, inspector, deadLetterTopic, state } = place;
  const marks =
    state === undefined
      ? await openKafkaMarks(settings, inspector, deadLetterTopic, reading)
      : await openFileMarks(state, deadLetterTopic, reading);
  if (!reading.signal?.aborted) return marks;
  await marks.close();
  throw reading.signal.reason;
}
