// Writes the tables of keys in docs/configuration.md from the schemas, so that the two can't drift
// apart. With --check it changes nothing and fails where the file is out of date. Needs the build.
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const FILE = 'docs/configuration.md';
const path = fileURLToPath(new URL(`../${FILE}`, import.meta.url));

const { processorConfig, proxyConfig } = await built('protocol');
const { keyTable } = await built('service');

const before = readFileSync(path, 'utf8');
const after = [
  ['proxy', proxyConfig],
  ['processor', processorConfig],
].reduce((text, [tier, schema]) => withTable(text, tier, keyTable(schema)), before);

if (process.argv.includes('--check')) {
  if (after !== before) {
    console.error(`${FILE} is out of date: run node scripts/generate-configuration-docs.mjs`);
    process.exitCode = 1;
  }
} else if (after !== before) {
  writeFileSync(path, after);
  console.log(`${FILE} was written`);
}

/** A package of this repository, as it was built. */
async function built(name) {
  try {
    return await import(new URL(`../packages/${name}/dist/index.js`, import.meta.url).href);
  } catch (cause) {
    throw new Error(`packages/${name} is not built: run npx -y pnpm@10 build`, { cause });
  }
}

/** The text with what stands between the markers of a tier replaced. */
function withTable(text, tier, rows) {
  const start = `<!-- keys of the ${tier}: generated -->`;
  const end = `<!-- end of the keys of the ${tier} -->`;
  const from = text.indexOf(start);
  const to = text.indexOf(end);
  if (from < 0 || to < from) throw new Error(`${FILE} lacks the markers of the ${tier}`);
  return `${text.slice(0, from + start.length)}\n\n${table(rows)}\n\n${text.slice(to)}`;
}

/** A table with its columns aligned, as Biome formats Markdown. */
function table(rows) {
  const cells = [
    ['Key', 'Variable', 'Default', 'Meaning'],
    ...rows.map(({ key, env, default: value, about }) => [code(key), code(env), code(value), escaped(about)]),
  ];
  const widths = [0, 1, 2, 3].map((column) => Math.max(...cells.map((row) => row[column].length)));
  const line = (row) => `| ${row.map((text, column) => text.padEnd(widths[column])).join(' | ')} |`;
  const [head, ...body] = cells.map(line);
  return [head, line(widths.map((width) => '-'.repeat(width))), ...body].join('\n');
}

function code(text) {
  return text === undefined ? '' : `\`${text}\``;
}

/** Angle brackets would be taken for HTML, and a bar for the end of a cell. */
function escaped(text) {
  return text.replaceAll('|', '\\|').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('*', '\\*');
}
