import { expect, it } from 'vitest';
import { writtenJson } from './json.js';

it('a list of plain values stands on one line where it fits, and on lines of its own where it does not', () => {
  expect(writtenJson({ a: ['x', 1, null], b: [{}], c: [] })).toBe(
    '{\n  "a": ["x", 1, null],\n  "b": [\n    {}\n  ],\n  "c": []\n}',
  );
  const long = Array.from({ length: 30 }, () => 'value');
  expect(writtenJson({ long })).toContain('[\n    "value",\n');
});
