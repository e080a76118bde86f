/** The fields of a `traceparent`. */
export interface Traceparent {
  /** 32 lower-case hex digits. */
  readonly traceId: string;
  /** 16 lower-case hex digits. */
  readonly spanId: string;
  readonly sampled: boolean;
}

/** Length of version 00: `vv-` and 32 digits, `-` and 16, `-` and 2. */
const LENGTH = 55;

/**
 * Reads a `traceparent` (W3C Trace Context §3.2.2, https://www.w3.org/TR/trace-context/#traceparent-header-field-values).
 * Later versions may have more behind what 00 has.
 *
 * @returns null where it is not valid, which the specification has one ignore
 * @example
 * parseTraceparent('00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01')?.sampled; // true
 */
export function parseTraceparent(text: string): Traceparent | null {
  if (text.length < LENGTH || text[2] !== '-' || text[35] !== '-' || text[52] !== '-') return null;
  const version = text.slice(0, 2);
  if (version === 'ff' || !isHex(text, 0, 2)) return null;
  if (text.length > LENGTH && (version === '00' || text[LENGTH] !== '-')) return null;
  if (!isHex(text, 3, 35) || !isHex(text, 36, 52) || !isHex(text, 53, LENGTH)) return null;
  if (isZero(text, 3, 35) || isZero(text, 36, 52)) return null;
  const sampled = (Number.parseInt(text[54] as string, 16) & 1) === 1;
  return { traceId: text.slice(3, 35), spanId: text.slice(36, 52), sampled };
}

/** True of a valid `traceparent` with nothing behind its flags: all that is ours has this form. */
export function isPlainTraceparent(value: unknown): value is string {
  return typeof value === 'string' && value.length === LENGTH && parseTraceparent(value) !== null;
}

function isHex(text: string, from: number, to: number): boolean {
  for (let i = from; i < to; i++) {
    const code = text.charCodeAt(i);
    if (!((code >= 0x30 && code <= 0x39) || (code >= 0x61 && code <= 0x66))) return false;
  }
  return true;
}

function isZero(text: string, from: number, to: number): boolean {
  for (let i = from; i < to; i++) if (text.charCodeAt(i) !== 0x30) return false;
  return true;
}
