/** What the one binary is to be; `stray` where the first word is none that it has. */
export type Mode = 'proxy' | 'processor' | 'demo' | 'help' | 'unknown' | 'stray';

/** The words that the command line may begin with. */
export const WORDS = ['proxy', 'processor', 'demo'] as const;

/** Printed by --help where no tier is chosen. */
export const USAGE = `Usage: kafka-http-proxy [proxy|processor|demo] [options]

Synchronous HTTP over Apache Kafka.

  proxy       takes HTTP requests and answers with the correlated replies
  processor   consumes request topics, calls the backends, publishes replies
  demo        both of them, a backend and an embedded broker: one request, step by step

Without a word, MODE=proxy|processor decides; proxy where it is not set, as in 1.0.1.
"kafka-http-proxy proxy --help" tells the options of a tier.
`;

/** Chooses by the first word, then by MODE, then as 1.0.1 did. */
export function chooseMode(
  argv: readonly string[],
  environment: Readonly<Record<string, string | undefined>>,
): { mode: Mode; argv: string[] } {
  const [first, ...rest] = argv;
  const word = WORDS.find((known) => known === first);
  if (word !== undefined) return { mode: word, argv: rest };
  if (first === 'help') return { mode: 'help', argv: rest };
  if (first !== undefined && !first.startsWith('-')) return { mode: 'stray', argv: [...argv] };
  const named = environment.MODE || undefined;
  if (named === undefined && (first === '--help' || first === '-h')) return { mode: 'help', argv: rest };
  const mode = named ?? 'proxy';
  return { mode: mode === 'proxy' || mode === 'processor' ? mode : 'unknown', argv: [...argv] };
}
