import { isIP } from 'node:net';
import { z } from 'zod';

const RANGE = 'an address, or a range such as 10.0.0.0/8 or fd00::/8';

/** Addresses, each alone or with the length of a prefix (RFC 4632 §3.1, RFC 4291 §2.3). */
export const addressRanges = z.array(z.string(RANGE).refine(isAddressRange, RANGE), `a list: ${RANGE}`);

function isAddressRange(text: string): boolean {
  const [address = '', length, ...rest] = text.split('/');
  const family = isIP(address);
  if (family === 0 || rest.length > 0) return false;
  return length === undefined || (/^\d{1,3}$/.test(length) && Number(length) <= (family === 4 ? 32 : 128));
}
