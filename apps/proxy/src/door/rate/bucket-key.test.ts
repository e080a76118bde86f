import { describe, expect, it } from 'vitest';
import { keyOf, networkOf } from './bucket-key.js';

describe('a bucket is', () => {
  it.each([
    ['of the principal', 'principal', 'shop@issuer', [], 'p:shop@issuer'],
    ['of the address, where there is no principal', 'principal', null, [], 'c:192.0.2.7'],
    ['of the address', 'client', 'shop@issuer', [], 'c:192.0.2.7'],
    ['of the value of the header, whatever the case of its name', 'header:X-Tenant', 'a', ['x-tenant', 'b'], 'h:b'],
    ['of the address, where there is no such header', 'header:X-Tenant', 'a', ['X-Other', 'b'], 'c:192.0.2.7'],
    ['of the address, where the header is empty', 'header:X-Tenant', null, ['X-Tenant', ''], 'c:192.0.2.7'],
    ['not of an address that the header names', 'header:X', null, ['X', '192.0.2.7'], 'h:192.0.2.7'],
  ])('%s', (_what, by, principal, headers, key) => {
    expect(keyOf(by, principal, () => '192.0.2.7', headers)).toBe(key);
  });

  it('told apart by all of a long value, of which a hash is kept', () => {
    const long = 'x'.repeat(60_000);
    const [one, other] = ['1', '2'].map((end) => keyOf('header:X', null, () => null, ['X', long + end]));
    expect(one).not.toBe(other);
    expect(one?.length).toBeLessThan(64);
    expect(keyOf('principal', long, () => null, [])).toMatch(/^p:.{43}$/);
  });
});

describe('the network of an address is', () => {
  it.each([
    ['192.0.2.7', '192.0.2.7'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2'],
    ['2001:db8:1:2::', '2001:db8:1:2'],
    ['2001:db8::1', '2001:db8:0:0'],
    ['2001:0DB8:0::1:2', '2001:db8:0:0'],
    ['1::2:3:4:5:6:7', '1:0:2:3'],
    ['::1', '0:0:0:0'],
    ['64:ff9b::192.0.2.7', '64:ff9b:0:0'],
    ['fe80::1%eth0', 'fe80:0:0:0'],
    ['::ffff:192.0.2.7', '192.0.2.7'],
    ['', ''],
  ])('of %s %s', (address, network) => {
    expect(networkOf(address)).toBe(network);
  });
});
