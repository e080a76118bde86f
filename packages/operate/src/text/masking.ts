import type { HeaderList } from '@kafka-http-proxy/protocol';
import picomatch from 'picomatch';

/** Fields whose values are secrets, lower case. */
const SECRET_FIELDS: ReadonlySet<string> = new Set([
  'authorization',
  'proxy-authorization',
  'cookie',
  'set-cookie',
  'x-api-key',
]);

/** Shows or hides the values of header fields. */
export interface Masking {
  /** The value to show of a field. */
  value(name: string, value: string): string;
  /** The list to show: names as they are. */
  fields(headers: HeaderList): string[];
}

/** What is hidden beside what always is. */
export interface MaskingOptions {
  /** Globs of further names, in any case: `X-*-Token`. */
  readonly mask?: readonly string[];
  /** True: nothing is hidden. */
  readonly showSecrets?: boolean;
}

/**
 * Hides what is secret: `***(12)` stands for a value of 12 characters.
 *
 * @example
 * createMasking().value('Authorization', 'Bearer abc'); // '***(10)'
 */
export function createMasking({ mask = [], showSecrets = false }: MaskingOptions = {}): Masking {
  const also = mask.length === 0 ? () => false : picomatch([...mask], { dot: true, nocase: true });
  const value = (name: string, text: string): string => {
    const lower = name.toLowerCase();
    return !showSecrets && (SECRET_FIELDS.has(lower) || also(lower)) ? `***(${text.length})` : text;
  };
  return {
    value,
    fields: (headers) => headers.map((text, i) => (i % 2 === 0 ? text : value(headers[i - 1] as string, text))),
  };
}
