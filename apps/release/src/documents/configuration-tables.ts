import { keyTable } from '@kafka-http-proxy/service';
import { CONFIGURATIONS } from '../tiers.js';
import { table } from './markdown.js';

/** docs/configuration.md with the tables of keys as the schemas have them. @throws Error where a marker is missing */
export function withKeyTables(text: string): string {
  return Object.entries(CONFIGURATIONS).reduce((all, [tier, schema]) => withTable(all, tier, keysOf(schema)), text);
}

function keysOf(schema: Parameters<typeof keyTable>[0]): string {
  return table(
    ['Key', 'Variable', 'Default', 'Live', 'Meaning'],
    keyTable(schema).map(({ key, env, default: value, live, about }) => [
      code(key),
      code(env),
      code(value),
      live ? 'yes' : '',
      escaped(about),
    ]),
  );
}

/** The text with what stands between the markers of a tier replaced. */
function withTable(text: string, tier: string, rows: string): string {
  const start = `<!-- keys of the ${tier}: generated -->`;
  const end = `<!-- end of the keys of the ${tier} -->`;
  const from = text.indexOf(start);
  const to = text.indexOf(end);
  if (from < 0 || to < from) throw new Error(`the markers of the ${tier} are missing`);
  return `${text.slice(0, from + start.length)}\n\n${rows}\n\n${text.slice(to)}`;
}

function code(text: string | undefined): string {
  return text === undefined ? '' : `\`${text}\``;
}

/** Angle brackets would be taken for HTML, and a bar for the end of a cell. */
function escaped(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('*', '\\*');
}
