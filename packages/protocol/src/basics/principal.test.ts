import { describe, expect, it } from 'vitest';
import { isPrincipal } from './principal.js';

describe('a principal', () => {
  it('is a name of one line, in any script', () => {
    const names = ['a', 'anna@https://idp.example', 'CN=Zoë,O=Näh@mtls', '安娜@idp', 'a b', 'x'.repeat(512)];
    expect(names.filter(isPrincipal)).toEqual(names);
  });

  it('has nothing that a terminal or a log would act on', () => {
    const others = [
      '',
      'a\nb',
      'a\0',
      '\u001b[31m',
      'a\u202eb',
      'a\u2028b',
      'a\u200bb',
      '\ud800',
      'x'.repeat(513),
      1,
      null,
    ];
    expect(others.filter(isPrincipal)).toEqual([]);
  });
});
