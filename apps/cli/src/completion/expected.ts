import type { Command, Option } from 'commander';

/** What the last word of a line is to be. */
export interface Expected {
  /** The command that the line is for. */
  readonly command: Command;
  /** Its words before the last one. */
  readonly words: readonly string[];
  /** `other`: what commander knows itself, or nothing. */
  readonly kind: 'topic' | 'file' | 'other';
}

/**
 * Reads a line as far as it is typed.
 *
 * @param line the words behind the program's name; the last one is not finished, and may be empty
 */
export function expectedBy(program: Command, line: readonly string[]): Expected {
  let command = program;
  let begin = 0;
  let operands = 0;
  let option: Option | undefined;
  for (const [i, word] of line.slice(0, -1).entries()) {
    if (option !== undefined) option = undefined;
    else if (word.startsWith('-')) option = valued(command, word);
    else {
      const inner = operands === 0 ? command.commands.find((one) => one.name() === word) : undefined;
      if (inner === undefined) operands++;
      else {
        command = inner;
        begin = i + 1;
      }
    }
  }
  const words = line.slice(begin, -1);
  const last = line.at(-1) ?? '';
  const [flag] = last.split('=', 1);
  const inlined = last.startsWith('--') && last.includes('=') ? valued(command, flag as string) : undefined;
  const open = option ?? inlined;
  if (open !== undefined) return { command, words, kind: kindOf(open.flags) };
  if (last.startsWith('-')) return { command, words, kind: 'other' };
  const args = command.registeredArguments;
  const argument = args[operands] ?? (args.at(-1)?.variadic ? args.at(-1) : undefined);
  return { command, words, kind: /^topics?$/.test(argument?.name() ?? '') ? 'topic' : 'other' };
}

/** The option of this flag, if a value stands behind it. */
function valued(command: Command, flag: string): Option | undefined {
  return command.options.find((one) => (one.short === flag || one.long === flag) && one.required);
}

function kindOf(flags: string): Expected['kind'] {
  return flags.includes('<topic>') ? 'topic' : flags.includes('<file>') ? 'file' : 'other';
}
