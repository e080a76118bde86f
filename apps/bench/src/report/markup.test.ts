import { describe, expect, it } from 'vitest';
import { html, json, raw } from './markup.js';

describe('html', () => {
  it('escapes what is put into text and attributes', () => {
    const name = `<b title='x'>"&amp;`;
    expect(html`<p title="${name}">${name}</p>`.text).toBe(
      '<p title="&lt;b title=&#39;x&#39;&gt;&quot;&amp;amp;">&lt;b title=&#39;x&#39;&gt;&quot;&amp;amp;</p>',
    );
  });

  it('takes what is HTML already as it is, in lists too', () => {
    const items = ['a', '<'].map((item) => html`<li>${item}</li>`);
    expect(html`<ul>${items}</ul>${null}${0}`.text).toBe('<ul><li>a</li><li>&lt;</li></ul>0');
  });

  it('keeps dollars and backslashes', () => {
    expect(html`${'$1 $$ \\n'}`.text).toBe('$1 $$ \\n');
  });
});

describe('text of a script', () => {
  it.each(['a </script> b', 'a </SCRIPT', '</style>', 'a <!-- b', '"<script"'])(
    'is refused where it would end its element: %s',
    (text) => {
      expect(() => raw(text)).toThrow("can't stand inside");
    },
  );

  it('may compare', () => {
    expect(raw('a < b && c > d').text).toBe('a < b && c > d');
  });
});

describe('JSON', () => {
  it('ends no element, and is read as it was', () => {
    const value = { name: '</script><!--', values: [1, null] };
    const { text } = json(value);
    expect(text).not.toContain('<');
    expect(JSON.parse(text)).toEqual(value);
  });
});
