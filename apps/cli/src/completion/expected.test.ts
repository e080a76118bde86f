import { Command } from 'commander';
import { expect, it } from 'vitest';
import { expectedBy } from './expected.js';

function program(): Command {
  const all = new Command();
  all.command('lag').argument('[topics...]').option('-g, --group <group>').option('-w, --watch [seconds]');
  all
    .command('request')
    .argument('<target>')
    .option('-t, --topic <topic>')
    .option('-c, --config <file>')
    .option('-i, --include');
  all.command('dlq').argument('[ids...]').command('replay').argument('[letters...]').option('--to <topic>');
  return all;
}

it.each([
  ['', '', 'other'],
  ['lag ', 'lag', 'topic'],
  ['lag orders or', 'lag', 'topic'],
  ['lag --', 'lag', 'other'],
  ['lag -g ', 'lag', 'other'],
  ['lag -g group ', 'lag', 'topic'],
  ['lag -w ', 'lag', 'topic'],
  ['request ', 'request', 'other'],
  ['request -t ', 'request', 'topic'],
  ['request -i -t or', 'request', 'topic'],
  ['request --topic=or', 'request', 'topic'],
  ['request --config ', 'request', 'file'],
  ['request -c lag -t ', 'request', 'topic'],
  ['request / ', 'request', 'other'],
  ['dlq re', 'dlq', 'other'],
  ['dlq replay --to ', 'replay', 'topic'],
  ['unknown ', '', 'other'],
])('behind %j stands for %s: %s', (line, command, kind) => {
  const found = expectedBy(program(), line.split(' '));
  expect({ command: found.command.name(), kind: found.kind }).toEqual({ command, kind });
});

it('hands over the words of the command', () => {
  expect(expectedBy(program(), ['request', '-c', 'proxy.yaml', '-t', '']).words).toEqual(['-c', 'proxy.yaml', '-t']);
});
