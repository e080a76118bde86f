import { isoTime, type LetterRow, placeOf } from '@kafka-http-proxy/operate';

/**
 * A letter as `--json` has it: public interface, docs/commands.md names each field.
 *
 * @param deadLetterTopic where the letter is; `topic` is where its request was
 */
export function letterJson(deadLetterTopic: string, row: LetterRow): Record<string, unknown> {
  const { partition, offset, at, topic, bytes, ...rest } = row;
  return { letter: placeOf({ topic: deadLetterTopic, partition, offset }), time: isoTime(at), topic, ...rest, bytes };
}
