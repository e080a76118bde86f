import { readFileSync } from 'node:fs';
import GithubSlugger from 'github-slugger';
import { lexer, Parser, TextRenderer, type Token, type Tokens, walkTokens } from 'marked';

/** A row of a table; the cells as they are written. */
export type Row = readonly string[];

/** What one heading holds, down to the next heading of any level. */
export interface Section {
  /** The heading's anchor, as GitHub makes it; empty before the first heading. */
  readonly anchor: string;
  /** The heading without its markup. */
  readonly title: string;
  /** Rows of its tables, without their heads. */
  readonly rows: readonly Row[];
  /** Blocks of code by their language. */
  readonly code: readonly { readonly language: string; readonly text: string }[];
  /** The section as it is written, without its heading. */
  readonly text: string;
}

/** A page of the documentation. */
export interface Page {
  readonly sections: readonly Section[];
  /** What `#…` can name: headings, and ids of HTML. */
  readonly anchors: ReadonlySet<string>;
  /** Targets of links and pictures, in the order of the page. */
  readonly links: readonly string[];
  /** What is set as code within sentences and tables. */
  readonly codeSpans: readonly string[];
}

/** Reads a Markdown file. */
export function readPage(path: string): Page {
  return parsePage(readFileSync(path, 'utf8'));
}

/** Reads Markdown as GitHub does, as far as headings, links, tables and code go. */
export function parsePage(markdown: string): Page {
  const tokens = lexer(markdown);
  const slugger = new GithubSlugger();
  const anchors = new Set<string>();
  const links: string[] = [];
  const codeSpans: string[] = [];
  void walkTokens(tokens, (token) => {
    if (token.type === 'link' || token.type === 'image') links.push(String(token.href));
    if (token.type === 'codespan') codeSpans.push(String(token.text));
    if (token.type !== 'html') return;
    for (const [, id] of token.raw.matchAll(/\bid="([^"]+)"/g)) anchors.add(id as string);
    for (const [, target] of token.raw.matchAll(/\b(?:href|src|srcset)="([^"]+)"/g)) links.push(target as string);
  });
  const sections = divide(tokens).map(({ heading, content }) => {
    const title = heading === null ? '' : plain(heading);
    const anchor = heading === null ? '' : slugger.slug(title);
    if (heading !== null) anchors.add(anchor);
    return {
      anchor,
      title,
      rows: rowsOf(content),
      code: codeOf(content),
      text: content.map(({ raw }) => raw).join(''),
    };
  });
  return { sections, anchors, links, codeSpans };
}

function divide(tokens: readonly Token[]): { heading: Tokens.Heading | null; content: Token[] }[] {
  const parts: { heading: Tokens.Heading | null; content: Token[] }[] = [{ heading: null, content: [] }];
  for (const token of tokens) {
    if (token.type === 'heading') parts.push({ heading: token as Tokens.Heading, content: [] });
    else parts.at(-1)?.content.push(token);
  }
  return parts;
}

function plain({ tokens }: Tokens.Heading): string {
  return Parser.parseInline(tokens, { renderer: new TextRenderer() as never });
}

function rowsOf(tokens: readonly Token[]): Row[] {
  return tokens.flatMap((token) =>
    token.type === 'table' ? (token as Tokens.Table).rows.map((row) => row.map(({ text }) => text)) : [],
  );
}

function codeOf(tokens: readonly Token[]): Section['code'] {
  return tokens.flatMap((token) =>
    token.type === 'code' ? [{ language: String(token.lang ?? ''), text: String(token.text) }] : [],
  );
}
