import { createHash } from 'node:crypto';
import { type HeaderList, headerValue, type RateLimitConfig } from '@kafka-http-proxy/protocol';

/** Longer values are hashed: what a client sends is not to be kept as long as it is, characters. */
const LONGEST = 64;

/**
 * Whose bucket a request takes from. The kinds are told apart: no header can name another client's address.
 *
 * @param principal null: none was proved
 * @param clientAddress asked where it is needed; null: the connection is gone already
 * @example
 * keyOf('header:X-Tenant', null, () => '192.0.2.7', ['X-Tenant', 'a']); // 'h:a'
 */
export function keyOf(
  by: RateLimitConfig['by'],
  principal: string | null,
  clientAddress: () => string | null,
  headers: HeaderList,
): string {
  if (by === 'principal') {
    if (principal !== null) return `p:${shortened(principal)}`;
  } else if (by !== 'client') {
    const value = headerValue(headers, by.slice('header:'.length).toLowerCase());
    if (value) return `h:${shortened(value)}`;
  }
  return `c:${networkOf(clientAddress() ?? '')}`;
}

function shortened(text: string): string {
  return text.length <= LONGEST ? text : createHash('sha256').update(text).digest('base64url');
}

/**
 * The address where it is IPv4, and the first 64 bits of IPv6: a client has all addresses of its /64 (RFC 6177).
 *
 * @example
 * networkOf('2001:db8::1'); // '2001:db8:0:0'
 */
export function networkOf(address: string): string {
  if (!address.includes(':')) return address;
  if (MAPPED.test(address)) return address.slice(address.lastIndexOf(':') + 1);
  const gap = address.indexOf('::');
  const left = gap < 0 ? address : address.slice(0, gap);
  const groups = left === '' ? [] : left.split(':', 4);
  if (groups.length < 4) {
    const right = address.slice(gap + 2).split(':');
    // An IPv4 address at the end stands for two.
    const length = right.length + (address.includes('.') ? 1 : 0);
    while (groups.length < 4 && groups.length + length < 8) groups.push('0');
    groups.push(...right);
  }
  return `${plain(groups[0])}:${plain(groups[1])}:${plain(groups[2])}:${plain(groups[3])}`;
}

/** As RFC 5952 §4 writes it. */
function plain(group = '0'): string {
  if (!group.startsWith('0')) return group.toLowerCase();
  return group.replace(/^0+(?=.)/, '').toLowerCase();
}

/** An IPv4 address as IPv6 writes it (RFC 4291 §2.5.5.2). */
const MAPPED = /^::ffff:[\d.]+$/i;
