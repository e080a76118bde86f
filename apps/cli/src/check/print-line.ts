import { type CheckLine, printable } from '@kafka-http-proxy/operate';
import type { Printer } from '../output/printer.js';

/** The longest id, and a space. */
const ID_WIDTH = 20;
const INDENT = ' '.repeat(6);

/** Prints a finding: a line, and its fix below; or an object. */
export function printLine({ id, state, what, fix, figures }: CheckLine, print: Printer): void {
  if (print.json) {
    print.object({ id, state, what, ...(fix !== undefined && { fix }), ...(figures && { figures }) });
    return;
  }
  const { green, yellow, red, dim } = print.colors;
  const colour = { ok: green, warn: yellow, FAIL: red, skip: dim }[state];
  print.line(`${colour(state.padEnd(4))}  ${id.padEnd(ID_WIDTH)}${printable(what)}`);
  if (fix !== undefined) print.line(`${INDENT}fix: ${printable(fix)}`);
}
