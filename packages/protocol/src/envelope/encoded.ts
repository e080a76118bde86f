import { type HeaderList, headerValue } from '../header-list.js';

/** Media types whose bytes are compressed already. */
const COMPRESSED_TYPE =
  /^(?:(?:image\/(?!svg|bmp|x-ms-bmp)|video\/|audio\/)|application\/(?:zip|gzip|zstd|x-(?:gzip|bzip2?|xz|7z-compressed|rar-compressed)|vnd\.rar|java-archive)\b)/i;

/** True for a body that compression would cost time and win nothing: it is encoded, or of a compressed type. */
export function isEncoded(headers: HeaderList): boolean {
  const coding = headerValue(headers, 'content-encoding');
  if (coding !== undefined && !/^\s*(?:identity)?\s*$/i.test(coding)) return true;
  return COMPRESSED_TYPE.test(headerValue(headers, 'content-type')?.trim() ?? '');
}
