import type { Environment } from '@kafka-http-proxy/service';

/** Where a command prints. */
export interface Output {
  write(text: string | Buffer): unknown;
  readonly isTTY?: boolean;
  readonly columns?: number;
}

/** What an operator's command needs of its process; tests give one of their own. */
export interface Host {
  readonly stdin: NodeJS.ReadableStream & { readonly isTTY?: boolean };
  /** Data, and nothing else. */
  readonly stdout: Output;
  /** Progress, notes, questions and mistakes. */
  readonly stderr: Output;
  readonly environment: Environment;
  /** Aborted by Ctrl-C and SIGTERM: the command ends in its own way, and says what was done. */
  readonly signal: AbortSignal;
  readonly version: string;
}
