import { expect, it } from 'vitest';
import { createMasking } from './masking.js';

const FIELDS = ['Host', 'shop', 'authorization', 'Bearer abc', 'Set-Cookie', 'a=b', 'X-Shop-Token', 's3cret'];

it('hides what is secret, by its length', () => {
  expect(createMasking().fields(FIELDS)).toEqual([
    ...['Host', 'shop', 'authorization', '***(10)', 'Set-Cookie', '***(3)', 'X-Shop-Token', 's3cret'],
  ]);
});

it('hides names that match a glob, in any case, and nothing when secrets are to be shown', () => {
  expect(createMasking({ mask: ['x-*-token'] }).value('X-Shop-Token', 's3cret')).toBe('***(6)');
  expect(createMasking({ mask: ['x-*-token'] }).value('X-Shop', 's3cret')).toBe('s3cret');
  expect(createMasking({ mask: ['*'], showSecrets: true }).fields(FIELDS)).toEqual(FIELDS);
});
