import { createHash } from 'node:crypto';
import { Script } from 'node:vm';
import { describe, expect, it } from 'vitest';
import type { Chart } from './chart.js';
import { formatHtml } from './html.js';
import { checked, measured, type Section } from './outcome.js';
import { plotOf } from './plot.js';
import type { Report } from './report.js';

const HOSTILE = `</script></title><img src="http://127.0.0.1/x" onerror='alert(1)'>&`;
const ESCAPED =
  '&lt;/script&gt;&lt;/title&gt;&lt;img src=&quot;http://127.0.0.1/x&quot; onerror=&#39;alert(1)&#39;&gt;&amp;';

const THROUGHPUT: Chart = {
  title: 'Throughput',
  x: { label: 'connections', values: [1, 16, 64], scale: 'log' },
  y: { label: 'requests/s', scale: 'linear' },
  series: [
    { name: 'floor', values: [310, 3900.12345, 6400] },
    { name: 'bridge', values: [180, 2300, null] },
  ],
};

const REPORT: Report = {
  title: 'streams',
  date: '2026-11-25T21:40:05.123Z',
  command: 'bench:streams sse',
  machine: { cpu: 'a fast one', cpus: 2 },
  sections: [
    {
      title: 'bodies',
      entries: [
        measured('up', 123.4, 'MB/s', { runs: [120, 126.8], note: 'of two' }),
        measured('up / copy', 0.41, 'ratio', { target: { relation: '>=', value: 0.7 } }),
        measured('peak RSS', 120, 'MiB', { target: { relation: '<', value: 200 } }),
        checked('SHA-256', true, ''),
      ],
      charts: [THROUGHPUT],
    },
    {
      title: 'kill',
      entries: [checked('none spliced', false, '3 of 100')],
      complaints: ['proxy: <reconnecting>'],
      charts: [{ ...THROUGHPUT, title: 'Once more' }],
    },
  ],
};

/** The text of each element of a name, which must not be nested. */
function elements(page: string, name: string): { attributes: string; text: string }[] {
  const found = page.matchAll(new RegExp(`<${name}\\b([^>]*)>(.*?)</${name}>`, 'gs'));
  return [...found].map(([, attributes = '', text = '']) => ({ attributes, text }));
}

/** The rows of the first table after a text, as the text of their cells. */
function rowsAfter(page: string, text: string): string[][] {
  const table = elements(page.slice(page.indexOf(text)), 'table')[0]?.text ?? '';
  return elements(table, 'tr').map((row) =>
    [...row.text.matchAll(/<t[hd]\b[^>]*>(.*?)<\/t[hd]>/gs)].map(([, cell = '']) => cell.replace(/<[^>]+>/g, '')),
  );
}

/** The page without what stands in scripts and styles: tags and text. */
function bare(page: string): string {
  return page.replace(/(<(script|style)\b[^>]*>).*?(<\/\2>)/gs, '$1$3');
}

function withSections(...sections: Section[]): string {
  return formatHtml({ ...REPORT, sections });
}

describe('the page', () => {
  const page = formatHtml(REPORT);

  it('tells where and how it was measured', () => {
    expect(page).toContain('<title>streams</title>');
    expect(page).toContain('<h1>streams</h1>');
    expect(page).toContain('<time datetime="2026-11-25T21:40:05.123Z">2026-11-25 21:40 UTC</time>');
    expect(page).toContain('<code>bench:streams sse</code>');
    expect(page).toContain('<dt>cpu</dt><dd>a fast one</dd>');
    expect(page).toContain('<dt>cpus</dt><dd>2</dd>');
  });

  it('says first what came out', () => {
    const [summary] = elements(page, 'ul');
    expect(
      summary?.text
        .replace(/<[^>]+>/g, '')
        .trim()
        .split('\n'),
    ).toEqual(['Checks: 1 ok, 1 FAILED', 'Targets: 1 met, 1 missed']);
  });

  it('has a table of each section', () => {
    expect(rowsAfter(page, '<h2>bodies</h2>')).toEqual([
      ['name', 'measured', 'target', 'single runs', 'note'],
      ['up', '123 MB/s', '', '120, 127', 'of two'],
      ['up / copy', '0.41', '≥ 0.70 missed', '', ''],
      ['peak RSS', '120 MiB', '&lt; 200 MiB met', '', ''],
      ['SHA-256', 'ok', '', '', ''],
    ]);
    expect(rowsAfter(page, '<h2>kill</h2>')).toContainEqual(['none spliced', 'FAILED', '', '', '3 of 100']);
  });

  it('leads to each section', () => {
    const targets = [...page.matchAll(/href="#([^"]+)"/g)].map(([, id]) => id);
    expect(targets).toHaveLength(2);
    for (const id of targets) expect(page).toContain(`<section id="${id}">`);
  });

  it('tells what the services said, only where a check failed', () => {
    expect(page).toContain('proxy: &lt;reconnecting&gt;');
    const [bodies] = REPORT.sections;
    expect(withSections({ title: 'fine', entries: bodies?.entries ?? [], complaints: ['hm'] })).not.toContain('hm');
  });

  it('has the data of a chart as a table too', () => {
    expect(rowsAfter(page, '<summary>Data: requests/s by connections</summary>')).toEqual([
      ['connections', 'floor', 'bridge'],
      ['1', '310', '180'],
      ['16', '3900.12', '2300'],
      ['64', '6400', '-'],
    ]);
  });

  it('gives the script a place and the data of each chart', () => {
    const [data] = elements(page, 'script').filter(({ attributes }) => attributes.includes('application/json'));
    expect(JSON.parse(data?.text ?? '')).toEqual([plotOf(THROUGHPUT), plotOf(THROUGHPUT)]);
    expect([...page.matchAll(/data-plot="(\d+)"/g)].map(([, index]) => index)).toEqual(['0', '1']);
  });

  it('says so where a chart has nothing to draw, and still counts it', () => {
    const empty = { ...THROUGHPUT, series: [] };
    const found = withSections({ title: 'a', entries: [], charts: [empty, THROUGHPUT] });
    expect(found).toContain('Nothing to draw.');
    expect([...found.matchAll(/data-plot="(\d+)"/g)].map(([, index]) => index)).toEqual(['1']);
  });

  it('holds no script where there is no chart', () => {
    const found = withSections({ title: 'a', entries: [checked('b', true, '')] });
    expect(found).not.toContain('<script');
    expect(found).toContain('script-src &#39;none&#39;');
  });
});

describe('what others may have written', () => {
  const page = formatHtml({
    title: HOSTILE,
    date: HOSTILE,
    command: HOSTILE,
    machine: { [HOSTILE]: HOSTILE },
    sections: [
      {
        title: HOSTILE,
        entries: [measured(HOSTILE, 1, 'ms', { note: HOSTILE }), checked(HOSTILE, false, HOSTILE)],
        complaints: [HOSTILE],
        charts: [
          {
            title: HOSTILE,
            x: { label: HOSTILE, values: [1], scale: 'linear' },
            y: { label: HOSTILE, scale: 'linear' },
            series: [{ name: HOSTILE, values: [1] }],
          },
        ],
      },
    ],
  });

  it('stays text', () => {
    expect(bare(page)).toContain(ESCAPED);
    expect(page).not.toContain('<img');
    expect(page).not.toContain(HOSTILE);
    expect(bare(page).replaceAll(ESCAPED, '')).not.toContain('alert');
  });

  it('ends no script', () => {
    const scripts = elements(page, 'script');
    expect(scripts.map(({ attributes }) => attributes.trim())).toEqual([
      'type="application/json" id="plots"',
      'type="text/javascript"',
      'type="module"',
    ]);
    expect(JSON.parse(scripts[0]?.text ?? '')[0].names).toEqual([HOSTILE]);
  });
});

describe('a page to keep', () => {
  const page = formatHtml(REPORT);

  it('loads nothing', () => {
    const loads = [...bare(page).matchAll(/\b(?:src|href|srcset|action|poster)\s*=\s*"([^"]*)"/g)].map(
      ([, url]) => url,
    );
    expect(loads.filter((url) => !url?.startsWith('#'))).toEqual(['data:,']);
    expect(bare(page)).not.toMatch(/https?:/);
    for (const { text } of elements(page, 'style')) expect(text).not.toMatch(/@import|url\(|https?:/);
    for (const { text } of elements(page, 'script')) {
      // Comments name the modules of types.
      expect(text.replace(/\/\*.*?\*\//gs, '')).not.toMatch(
        /\b(?:fetch|XMLHttpRequest|WebSocket|importScripts|sendBeacon)\b|\bimport\s*[({'"]/,
      );
    }
  });

  it('allows its own scripts and styles, and nothing from the network', () => {
    const policy = /Content-Security-Policy" content="([^"]*)"/.exec(page)?.[1]?.replaceAll('&#39;', "'") ?? '';
    const allowed = Object.fromEntries(
      policy.split('; ').map((part) => [part.split(' ')[0], part.split(' ').slice(1)]),
    );
    const hashes = (texts: { text: string }[]) =>
      texts.map(({ text }) => `'sha256-${createHash('sha256').update(text).digest('base64')}'`);
    expect(allowed).toEqual({
      'default-src': ["'none'"],
      'img-src': ['data:'],
      'style-src': hashes(elements(page, 'style')),
      'script-src': hashes(elements(page, 'script').filter(({ attributes }) => !attributes.includes('json'))),
      'base-uri': ["'none'"],
      'form-action': ["'none'"],
    });
    expect(page.indexOf('Content-Security-Policy')).toBeLessThan(page.indexOf('<style'));
    expect(bare(page)).not.toMatch(/<[^>]+\s(?:style|on\w+)=/);
  });

  it('holds scripts that can be read, and the licence of uPlot', () => {
    const scripts = elements(page, 'script').slice(1);
    expect(scripts).toHaveLength(2);
    for (const { text } of scripts) expect(() => new Script(text)).not.toThrow();
    expect(scripts[0]?.text).toContain('var uPlot=');
    expect(scripts[0]?.text).toContain('The above copyright notice and this permission notice shall be included');
  });
});
