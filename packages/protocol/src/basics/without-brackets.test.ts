import { expect, it } from 'vitest';
import { withoutBrackets } from './without-brackets.js';

it('takes the brackets off an IPv6 address, and leaves names and IPv4 addresses as they are', () => {
  expect(['[::1]', 'broker.example', '10.0.0.1', '::1'].map(withoutBrackets)).toEqual([
    '::1',
    'broker.example',
    '10.0.0.1',
    '::1',
  ]);
});
