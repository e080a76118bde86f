import { describe, expect, it } from 'vitest';
import { bashBlocks } from './blocks.js';

const GUIDE = `# Guide

<!-- check: run -->

\`\`\`bash
first --now
second
\`\`\`

\`\`\`yaml
a: 1
\`\`\`

\`\`\`bash
third
\`\`\`
`;

describe('bashBlocks', () => {
  it('finds the commands of a guide, where they stand, and whether they are marked', () => {
    expect(bashBlocks(GUIDE)).toEqual([
      { line: 5, marked: true, text: 'first --now\nsecond\n', title: 'first --now' },
      { line: 14, marked: false, text: 'third\n', title: 'third' },
    ]);
  });

  it('finds none in a text without commands', () => {
    expect(bashBlocks('```yaml\na: 1\n```\n')).toEqual([]);
  });
});
