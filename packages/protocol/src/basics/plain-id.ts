const PLAIN_ID = /^[\x21-\x7e]{1,128}$/;

/** True for 1 to 128 visible ASCII characters: safe to log, to echo and to send as a header. */
export function isPlainId(value: string): boolean {
  return PLAIN_ID.test(value);
}
