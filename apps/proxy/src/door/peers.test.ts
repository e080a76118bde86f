import { describe, expect, it } from 'vitest';
import { createPeers } from './peers.js';

describe('peers', () => {
  it('are trusted by address and by range, of both families', () => {
    const peers = createPeers(['10.0.0.0/8', '192.0.2.7', 'fd00::/8', '2001:db8::1']);
    const trusted = ['10.0.0.1', '10.255.255.255', '192.0.2.7', 'fd12::9', '2001:db8::1'];
    const others = ['11.0.0.1', '192.0.2.8', '2001:db8::2', 'fe80::1', '', 'localhost'];
    expect([...trusted, ...others].filter((address) => peers.isTrusted(address))).toEqual(trusted);
    // And once more, from memory.
    expect([...trusted, ...others].filter((address) => peers.isTrusted(address))).toEqual(trusted);
    expect(peers.isTrusted(null)).toBe(false);
    expect(createPeers(undefined).isTrusted('127.0.0.1')).toBe(false);
    expect(createPeers([]).isTrusted('127.0.0.1')).toBe(false);
  });

  it('say whose request it is, as far as they can know', () => {
    const peers = createPeers(['10.0.0.0/8']);
    const client = (address: string, ...forwarded: string[]) =>
      peers.clientOf(
        address,
        forwarded.flatMap((value) => ['X-Forwarded-For', value]),
      );
    expect(client('192.0.2.1', '198.51.100.1')).toBe('192.0.2.1');
    expect(client('10.0.0.1')).toBe('10.0.0.1');
    expect(client('10.0.0.1', '198.51.100.1')).toBe('198.51.100.1');
    // What stands before the first that is not trusted, anybody can have written.
    expect(client('10.0.0.1', '1.1.1.1, 198.51.100.1, 10.0.0.2')).toBe('198.51.100.1');
    expect(client('10.0.0.1', '1.1.1.1', '198.51.100.1', '10.0.0.2')).toBe('198.51.100.1');
    expect(client('10.0.0.1', '10.0.0.3, 10.0.0.2')).toBe('10.0.0.3');
    expect(client('10.0.0.1', 'nobody, 10.0.0.2')).toBe('10.0.0.1');
    expect(client('10.0.0.1', '[2001:db8::5]:443')).toBe('2001:db8::5');
    expect(client('10.0.0.1', '198.51.100.1:5000')).toBe('198.51.100.1');
    expect(client('10.0.0.1', '::ffff:198.51.100.1')).toBe('198.51.100.1');
  });
});
