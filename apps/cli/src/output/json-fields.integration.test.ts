import { readFileSync } from 'node:fs';
import { repositoryPath } from '@kafka-http-proxy/testkit';
import { beforeAll, expect, inject, it } from 'vitest';
import { useReplayStage } from '../testing/replay-stage.js';

/** The embedded broker makes topics by itself, and not when it is told to. */
const isKafka = inject('broker').kind === 'kafka';
const stage = useReplayStage();
const printed = new Map<string, Set<string>>();

/** What the table of docs/commands.md says: fields by command. */
function documented(): Map<string, Set<string>> {
  const page = readFileSync(repositoryPath('docs/commands.md'), 'utf8');
  const [, table = ''] = /^## Fields of `--json`$(.*?)^## /ms.exec(page) ?? [];
  const fields = new Map<string, Set<string>>();
  for (const [, field = '', of = ''] of table.matchAll(/^\| `(\w+)` +\| ([^|]*)\|/gm)) {
    for (const [, command = ''] of of.matchAll(/`([^`]+)`/g))
      fields.set(command, (fields.get(command) ?? new Set()).add(field));
  }
  return fields;
}

async function look(command: string, ...words: string[]): Promise<void> {
  const isExport = command === 'dlq export';
  const { stdout, stderr } = await stage.run(...words, ...(isExport ? [] : ['--json']));
  expect(stdout, `${words.join(' ')}: ${stderr}`).not.toBe('');
  const fields = printed.get(command) ?? new Set();
  for (const line of stdout.trimEnd().split('\n')) for (const name of Object.keys(JSON.parse(line))) fields.add(name);
  printed.set(command, fields);
}

beforeAll(async () => {
  const { bridge } = stage;
  await stage.send('POST', '/orders', { 'Content-Type': 'application/json' }, Buffer.from('{"a":1}'));
  await look('topics plan', 'topics', 'plan', '--partitions', '1', '--replication-factor', '1');
  if (isKafka) await look('topics create', 'topics', 'create', '--yes', '--replication-factor', '1');
  await stage.fail('/orders/1', '/orders/2', '/orders/3');
  await look('tail', 'tail', bridge.requestTopic, bridge.responseTopic, '-i', '--bodies', 'head');
  await look('tail --pair', 'tail', '--pair');
  await look('request', 'request', '/orders/1');
  await look('request -n', 'request', '-n', '2', '/orders/1');
  await look('lag', 'lag', bridge.requestTopic, '-g', `processor-${bridge.requestTopic}`);
  await look('check', 'check', '--lag-warn', '1000');
  await look('topics list', 'topics', 'list');
  await look('dlq replay --dry-run', 'dlq', 'replay', '--dry-run');
  await stage.backend.fall();
  await stage.send('PUT', '/orders/4', { 'X-Kafka-Key': 'customer-7' }, Buffer.from('x'));
  await look('dlq replay', 'dlq', 'replay', '--limit', '1', '--yes');
  await stage.backend.rise();
  await look('dlq replay', 'dlq', 'replay', '--limit', '1', '--yes');
  await look('dlq list', 'dlq', 'list', '--all');
  await look('dlq', 'dlq');
  for (const { letter } of await letters()) await look('dlq show', 'dlq', 'show', letter);
  await look('dlq discard', 'dlq', 'discard', '--path', '/orders/3', '--yes');
  await look('dlq runs', 'dlq', 'runs');
  await look('dlq export', 'dlq', 'export', '--all');
  await look('dlq purge', 'dlq', 'purge', '--before', 'now', '--yes');
}, 120_000);

async function letters(): Promise<{ letter: string }[]> {
  const { stdout } = await stage.dlq('list', '--all', '--json');
  return stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as { letter: string });
}

/** What no letter and no topic here has. */
const ELSEWHERE: ReadonlySet<string> = new Set([
  'dlq show principal',
  'dlq show trailers',
  'dlq show unreadable',
  'tail --pair principal',
  'tail principal',
]);

it('prints no field that the table of docs/commands.md has not, and none that it has is missing', () => {
  const lines = (fields: ReadonlyMap<string, ReadonlySet<string>>) =>
    [...fields].flatMap(([command, names]) => [...names].map((name) => `${command} ${name}`)).sort();
  const wanted = lines(documented()).filter(
    (line) => !ELSEWHERE.has(line) && (isKafka || !line.startsWith('topics create ')),
  );
  expect(lines(printed)).toEqual(wanted);
});
