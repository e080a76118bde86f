/** Longest id that is accepted from Kafka or a client, characters. */
export const MAX_PLAIN_ID_LENGTH = 128;

const PLAIN_ID = new RegExp(`^[\\x21-\\x7e]{1,${MAX_PLAIN_ID_LENGTH}}$`);

/** True for 1 to 128 visible ASCII characters: safe to log, to echo and to send as a header. */
export function isPlainId(value: string): boolean {
  return PLAIN_ID.test(value);
}
