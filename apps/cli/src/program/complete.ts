import { homedir } from 'node:os';
import tab from '@bomb.sh/tab/commander';
import type { Command } from 'commander';
import { type Expected, expectedBy } from '../completion/expected.js';
import { printedBy } from '../completion/shells.js';
import { topicNames } from '../completion/topic-names.js';
import type { ConnectionFlags } from '../connection/options.js';
import type { Host } from '../operator/host.js';
import { createOperatorProgram } from './run-operator.js';
import { SERVICES } from './services.js';

/**
 * Answers a shell: what the last word could be, a line each, and what else it may do (cobra's directives: 4, no files).
 *
 * @param words behind the program's name; the last one is what is being typed, and may be empty
 */
export async function complete(words: readonly string[], host: Host): Promise<string> {
  const program = wholeProgram(host);
  const root = tab(program);
  // The question itself, which is nobody's to type.
  root.commands.delete('complete');
  const line = words.length === 0 ? [''] : words.map(unquoted);
  const expected = expectedBy(program, line);
  const topics = expected.kind === 'topic' ? await topicNames(flagsOf(expected), host) : [];
  const offer = (add: (value: string, description: string) => void) => {
    for (const topic of topics) add(topic, '');
  };
  for (const command of root.commands.values())
    for (const place of [...command.arguments.values(), ...command.options.values()])
      if (TOPICS.test('name' in place ? place.name : place.value)) place.handler = offer;
  if (expected.kind === 'file') Object.defineProperty(root, 'directive', { get: () => 0, set: () => undefined });
  return printedBy(() => root.parse([...line]));
}

/** Options and arguments whose value is a topic; those of `<topic>` that are called otherwise: `--to`. */
const TOPICS = /^(topics?|reply-topic|dead-letters|to)$/;

/** All words that there are: the services too. */
function wholeProgram(host: Host): Command {
  const program = createOperatorProgram(host, () => undefined);
  for (const { word, about, options } of SERVICES) {
    const command = program.command(word).description(about);
    for (const [flags, what] of options) command.option(flags, what);
  }
  return program;
}

/** Where Kafka is, as far as the line says it. */
function flagsOf({ command, words }: Expected): ConnectionFlags {
  try {
    // The word before the last may be an option whose value is what is being typed.
    command.configureOutput({ writeErr: () => undefined }).parseOptions([...words]);
  } catch {
    // Half typed.
  }
  return command.opts<ConnectionFlags>();
}

/** A word as it was typed, without the quotes around it and with the home directory in it. */
function unquoted(word: string): string {
  const text = word.replace(/^(['"])(.*)\1$/s, '$2');
  return text.startsWith('~/') ? `${homedir()}${text.slice(1)}` : text;
}
