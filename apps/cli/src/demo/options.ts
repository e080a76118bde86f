import { strayWord } from '@kafka-http-proxy/service';

/** Printed by `demo --help`. */
export const DEMO_USAGE = `Usage: kafka-http-proxy demo

Starts an embedded broker, a backend, a processor and a proxy in this process, sends one request through them,
prints what came back and where the time went, and stays until Ctrl-C. Nothing is kept.

  -h, --help    print this text

  PROXY_PORT    port of the proxy; 8080 when left out, or a free one where that is taken
`;

/** What was asked of the demo. */
export interface DemoOptions {
  /** Port of the proxy; null: 8080, or a free one where that is taken. */
  readonly port: number | null;
}

/** Reads the demo's command line and environment: its options, `help`, or a sentence about what can't be used. */
export function demoOptions(
  argv: readonly string[],
  environment: Readonly<Record<string, string | undefined>>,
): DemoOptions | 'help' | { readonly mistake: string } {
  if (argv.some((word) => word === '--help' || word === '-h')) return 'help';
  const [stray] = argv;
  if (stray !== undefined) return { mistake: strayWord(stray, ['--help']) };
  const text = environment.PROXY_PORT?.trim() || undefined;
  if (text === undefined) return { port: null };
  const port = Number(text);
  if (Number.isInteger(port) && port >= 0 && port <= 65_535) return { port };
  return { mistake: `PROXY_PORT: a port of 0 to 65535 was expected, ${JSON.stringify(text)} was found` };
}
