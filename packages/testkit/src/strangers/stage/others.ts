import { request as send } from 'node:http';

/** What a client got who has nothing to do with the attack. */
export interface OthersResult {
  readonly asked: number;
  /** Those that were answered 200. */
  readonly answered: number;
  /** What the rest got, each once. */
  readonly failures: readonly string[];
  readonly worstMs: number;
}

/** A client that goes on asking. */
export interface Others {
  /** Asks no more, waits for what is open, and tells. */
  stop(): Promise<OthersResult>;
}

export interface OthersOptions {
  readonly port: number;
  readonly path: string;
  /** Bytes of the body of each request in turn; 0, or left out: a GET. */
  readonly bodies?: readonly number[];
  readonly headers?: Readonly<Record<string, string>>;
  /** Time between two requests, whether the former was answered or not, ms; 50 when left out. */
  readonly everyMs?: number;
  /** Longest that an answer is waited for, ms; 5 s when left out. */
  readonly patienceMs?: number;
}

/** Starts to ask at a steady pace, each request on a connection of its own. */
export function startOthers(options: OthersOptions): Others {
  const { bodies = [0], everyMs = 50 } = options;
  const open: Promise<Answer>[] = [];
  const ask = () => open.push(askOnce(options, bodies[open.length % bodies.length] as number));
  ask();
  const timer = setInterval(ask, everyMs);
  return {
    async stop() {
      clearInterval(timer);
      return summed(await Promise.all(open));
    },
  };
}

/** Asks `count` times at once. */
export async function askAtOnce(options: OthersOptions, count: number): Promise<OthersResult> {
  return summed(await Promise.all(Array.from({ length: count }, () => askOnce(options, 0))));
}

/** What they got, in a few words. */
export function describeOthers({ asked, answered, failures, worstMs }: OthersResult): string {
  const told = failures.length === 0 ? '' : ` (else ${failures.slice(0, 3).join(', ')})`;
  return `${answered} of ${asked} answered${told}, ${Math.round(worstMs)} ms at worst`;
}

/** A sentence, where not all of them were answered in time. */
export function complainOf({ asked, answered, failures }: OthersResult): string[] {
  if (answered === asked) return [];
  return [`${asked - answered} of ${asked} requests of others were not answered: ${failures.slice(0, 3).join(', ')}`];
}

interface Answer {
  readonly failure: string | null;
  readonly tookMs: number;
}

function summed(answers: readonly Answer[]): OthersResult {
  const failures = [...new Set(answers.flatMap(({ failure }) => failure ?? []))];
  return {
    asked: answers.length,
    answered: answers.filter(({ failure }) => failure === null).length,
    failures,
    worstMs: Math.max(0, ...answers.map(({ tookMs }) => tookMs)),
  };
}

function askOnce({ port, path, headers, patienceMs = 5000 }: OthersOptions, bytes: number): Promise<Answer> {
  const startedMs = performance.now();
  return new Promise((resolve) => {
    const end = (failure: string | null) => {
      clearTimeout(timer);
      resolve({ failure, tookMs: performance.now() - startedMs });
    };
    const request = send({ host: '127.0.0.1', port, path, method: bytes > 0 ? 'POST' : 'GET', headers, agent: false });
    const timer = setTimeout(() => {
      end(`nothing in ${patienceMs} ms`);
      request.destroy();
    }, patienceMs);
    request.on('response', (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('end', () => {
        const { statusCode } = response;
        end(statusCode === 200 ? null : `${statusCode} ${codeOf(Buffer.concat(chunks).toString())}`);
      });
      response.on('error', (error) => end(error.message));
    });
    request.on('error', (error: NodeJS.ErrnoException) => end(error.code ?? error.message));
    request.end(bytes > 0 ? Buffer.alloc(bytes, 'o') : undefined);
  });
}

/** The code of a problem document. */
function codeOf(body: string): string {
  return /"code":"(\w+)"/.exec(body)?.[1] ?? '';
}
