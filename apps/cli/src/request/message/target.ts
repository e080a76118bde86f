import { mistake } from '../../operator/exit.js';

/** What a request asks for, as it goes on the wire: a character each byte. */
export interface Target {
  /** Origin form, or `*`. */
  readonly target: string;
  /** Of a full URL; null: the target was a path. */
  readonly host: string | null;
}

/** http or https, authority, and what is left for the origin form; a fragment stays here. */
const URL_FORM = /^https?:\/\/([^/?#]+)([^#]*)/i;

/**
 * Reads a target as it was typed: a path, or a full URL, whose authority is for the Host field. Nothing of it is
 * decoded, and `/../` stays: what is typed is what the backend sees.
 *
 * @throws CommandFailure
 * @example
 * parseTarget('http://shop/orders?x=1'); // { target: '/orders?x=1', host: 'shop' }
 */
export function parseTarget(typed: string): Target {
  const text = wireText(typed);
  if (/[\0-\x20\x7f]/.test(text))
    throw mistake(`<target>: no spaces and no control characters were expected; write a space as %20`);
  if (text === '*') return { target: text, host: null };
  if (text.startsWith('/')) return { target: text.replace(/#.*/s, ''), host: null };
  const [, authority, rest = ''] = URL_FORM.exec(text) ?? [];
  if (authority === undefined)
    throw mistake(
      `<target>: a path such as /orders, or a URL of http, was expected, ${JSON.stringify(typed)} was found`,
    );
  if (authority.includes('@')) throw mistake('<target>: a URL without user and password was expected; use -H');
  return { target: rest.startsWith('/') ? rest : `/${rest}`, host: authority };
}

/** What was typed, as bytes: UTF-8, a character each byte. */
export function wireText(typed: string): string {
  return Buffer.from(typed, 'utf8').toString('latin1');
}
