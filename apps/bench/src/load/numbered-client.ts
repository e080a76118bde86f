import { Agent, request } from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';
import { createNumberedCheck, type StreamEnd, type Verdict } from '../payload/numbered.js';
import { wallClockMs } from '../payload/wall-clock.js';

export interface StreamVerdict {
  readonly verdict: Verdict;
  /** {@link wallClockMs} of its end. */
  readonly endedMs: number;
}

/** Clients that each follow one finite stream and say how it ended. */
export async function role(_job: object) {
  const agent = new Agent({ maxSockets: Number.POSITIVE_INFINITY });
  let streams: Promise<StreamVerdict>[] = [];

  const follow = (
    url: string,
    stream: number,
    limitMs: number,
  ): { opened: Promise<void>; ended: Promise<StreamVerdict> } => {
    let opened: () => void = () => undefined;
    const headArrived = new Promise<void>((resolve) => {
      opened = resolve;
    });
    const ended = new Promise<StreamVerdict>((resolve) => {
      const check = createNumberedCheck(stream);
      let headed = false;
      const outgoing = request(url, { agent });
      const finish = (verdict: Verdict): void => {
        clearTimeout(late);
        opened();
        resolve({ verdict, endedMs: wallClockMs() });
        outgoing.destroy();
      };
      const end = (how: StreamEnd): void => finish(check.verdict(how));
      const late = setTimeout(() => end('hung'), limitMs);
      outgoing.once('response', (response) => {
        if (response.statusCode !== 200) {
          finish('refused');
          return;
        }
        headed = true;
        opened();
        response.on('data', (chunk: Buffer) => check.push(chunk));
        response.once('end', () => end(response.complete ? 'closed' : 'error'));
        response.once('error', () => end('error'));
      });
      outgoing.once('error', () => (headed ? end('error') : finish('refused')));
      outgoing.end();
    });
    return { opened: headArrived, ended };
  };

  return {
    /** Opens streams one after the other, `gapMs` apart; resolves when each has its head or was refused. */
    async open(origins: readonly string[], count: number, gapMs: number, limitMs: number): Promise<void> {
      const heads: Promise<void>[] = [];
      streams = [];
      for (let stream = 0; stream < count; stream++) {
        const one = follow(`${origins[stream % origins.length]}/numbered?stream=${stream}`, stream, limitMs);
        heads.push(one.opened);
        streams.push(one.ended);
        await pause(gapMs);
      }
      await Promise.all(heads);
    },
    /** Resolves when all have ended. */
    verdicts: async (): Promise<StreamVerdict[]> => await Promise.all(streams),
  };
}
