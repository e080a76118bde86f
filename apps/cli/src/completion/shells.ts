import { BASH } from './bash.js';

/** Shells that there is a script for. */
export const SHELLS = ['bash', 'zsh', 'fish'] as const;
/** One of {@link SHELLS}. */
export type Shell = (typeof SHELLS)[number];

/** The name that is completed. */
export const PROGRAM = 'kafka-http-proxy';

/** The script for a shell. It asks `kafka-http-proxy complete -- <words>`. */
export async function scriptOf(shell: Shell): Promise<string> {
  if (shell === 'bash') return BASH;
  const { script } = await import('@bomb.sh/tab');
  return printedBy(() => script(shell, PROGRAM, PROGRAM));
}

/** What a library prints that has no other way to say it. */
export function printedBy(work: () => void): string {
  const { log } = console;
  const lines: string[] = [];
  console.log = (line: unknown) => void lines.push(`${line}\n`);
  try {
    work();
  } finally {
    console.log = log;
  }
  return lines.join('');
}
