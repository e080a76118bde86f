import { BlockList, isIP } from 'node:net';
import type { HeaderList } from '@kafka-http-proxy/protocol';

/** Who is at the other end of a connection, by its address. */
export interface Peers {
  /** True for a proxy in front, whose word counts. */
  isTrusted(address: string | null): boolean;
  /**
   * Whose request it is: where a trusted proxy passes it on, the last address in X-Forwarded-For that is none of them.
   * Whatever stands before that, anybody can have written.
   */
  clientOf(address: string | null, headers: HeaderList): string | null;
}

/** Most addresses whose answer is remembered: looking in a list of ranges takes longer than the rest of the way here. */
const MAX_KNOWN = 1000;

/**
 * @param ranges addresses and ranges, as `trusted_proxies` has them; undefined: nobody is trusted
 *
 * @example
 * const peers = createPeers(['10.0.0.0/8']);
 * peers.isTrusted('10.1.2.3'); // true
 */
export function createPeers(ranges: readonly string[] | undefined): Peers {
  const list = new BlockList();
  for (const range of ranges ?? []) {
    const [address = '', prefix] = range.split('/');
    const family = isIP(address) === 6 ? 'ipv6' : 'ipv4';
    if (prefix === undefined) list.addAddress(address, family);
    else list.addSubnet(address, Number(prefix), family);
  }
  const known = new Map<string, boolean>();
  const isTrusted = (address: string | null): boolean => {
    if (address === null || ranges === undefined || ranges.length === 0) return false;
    const before = known.get(address);
    if (before !== undefined) return before;
    const family = isIP(address);
    const found = family !== 0 && list.check(address, family === 6 ? 'ipv6' : 'ipv4');
    if (known.size >= MAX_KNOWN) known.clear();
    known.set(address, found);
    return found;
  };
  return {
    isTrusted,
    clientOf(address, headers) {
      if (!isTrusted(address)) return address;
      const hops = forwardedFor(headers);
      for (let i = hops.length - 1; i >= 0; i--) {
        const hop = plainAddress(hops[i] as string);
        // Not an address: nobody knows who wrote it, and the nearest that is known has to do.
        if (hop === null) return address;
        if (!isTrusted(hop)) return hop;
      }
      return hops.length === 0 ? address : (plainAddress(hops[0] as string) ?? address);
    },
  };
}

/** Addresses that X-Forwarded-For lists, of all of its lines, in their order. */
function forwardedFor(headers: HeaderList): string[] {
  const hops: string[] = [];
  for (let i = 0; i < headers.length; i += 2) {
    const name = headers[i] as string;
    if (name.length === FORWARDED_FOR.length && name.toLowerCase() === FORWARDED_FOR) {
      hops.push(...(headers[i + 1] as string).split(','));
    }
  }
  return hops;
}
const FORWARDED_FOR = 'x-forwarded-for';

/** An address without brackets, port, and blanks around it; null where it is none. */
function plainAddress(text: string): string | null {
  const trimmed = text.trim();
  const [, inBrackets, withPort] = /^(?:\[([^\]]+)\](?::\d+)?|([\d.]+):\d+)$/.exec(trimmed) ?? [];
  const address = inBrackets ?? withPort ?? trimmed;
  if (isIP(address) === 0) return null;
  return address.startsWith('::ffff:') && isIP(address.slice(7)) === 4 ? address.slice(7) : address;
}
