import { statSync } from 'node:fs';
import { posix } from 'node:path';
import { type Page, parsePage } from './page.js';

/** What the check reads: files by their path from the repository's root, with `/`. */
export interface Files {
  /** The text of a file; null where there is none. */
  read(path: string): string | null;
  /** True for a file or a folder. */
  has(path: string): boolean;
}

/** True for a file or a folder. */
export function exists(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false }) !== undefined;
}

/** The repository's own pages on the web, which are files here. */
const OWN_PAGES = /^https:\/\/github\.com\/kafka-http-proxy\/kafka-http-proxy\/(?:blob|tree)\/main\//;

/**
 * Links of Markdown files that lead nowhere, a line each: a file that does not exist, or a heading that its page does
 * not have. Links to other sites are not followed.
 */
export function brokenLinks(pages: readonly string[], files: Files): string[] {
  const read = new Map<string, Page | null>();
  const pageOf = (path: string): Page | null => {
    const known = read.get(path);
    if (known !== undefined) return known;
    const text = path.endsWith('.md') ? files.read(path) : null;
    const page = text === null ? null : parsePage(text);
    read.set(path, page);
    return page;
  };
  return pages.flatMap((from) =>
    (pageOf(from)?.links ?? []).flatMap((link) => {
      const fault = faultOf(from, link, files, pageOf);
      return fault === null ? [] : [`${from}: ${link}: ${fault}`];
    }),
  );
}

/** A path from the repository's root that stands as code in a sentence: `apps/proxy/src/http`. `.env` files are the reader's. */
const OWN_PATH = /^(apps|packages|docs|docker|scripts|ci|\.github)\/(?!.*\.env$)[\w./-]*\w$/;

/**
 * Paths in the text of Markdown files that do not exist, a line each. An extension may be left out.
 *
 * @param all every file of the repository
 */
export function lostPaths(pages: readonly string[], all: readonly string[], files: Files): string[] {
  return pages.flatMap((from) =>
    parsePage(files.read(from) ?? '')
      .codeSpans.filter((span) => OWN_PATH.test(span))
      .filter(
        (span) => !all.some((path) => path === span || path.startsWith(`${span}/`) || path.startsWith(`${span}.`)),
      )
      .map((span) => `${from}: ${span}: no such file`),
  );
}

function faultOf(from: string, link: string, files: Files, pageOf: (path: string) => Page | null): string | null {
  const own = OWN_PAGES.exec(link);
  if (own === null && /^[a-z][a-z0-9+.-]*:|^\/\//i.test(link)) return null;
  const [target = '', anchor] = (own === null ? link : link.slice(own[0].length)).split('#');
  const folder = own === null ? posix.dirname(from) : '.';
  const path = target === '' ? from : posix.normalize(posix.join(folder, decodeURIComponent(target)));
  if (path.startsWith('../')) return 'is outside the repository';
  if (!files.has(path)) return 'no such file';
  if (anchor === undefined || !path.endsWith('.md')) return null;
  return pageOf(path)?.anchors.has(decodeURIComponent(anchor)) ? null : 'no such heading';
}
