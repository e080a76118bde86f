import { placeOf, printable } from '@kafka-http-proxy/operate';
import { type ErrorCode, shownId, timeoutSignal } from '@kafka-http-proxy/protocol';
import { CommandFailure, EXIT } from '../operator/exit.js';
import type { Host } from '../operator/host.js';
import { pairsOf } from '../output/pairs-of.js';
import { createPrinter, type Printer } from '../output/printer.js';
import { REQUEST_EXIT } from './exit.js';
import type { RequestFlags } from './flags.js';
import type { Message } from './message/make-message.js';
import { type Observer, phasesBetween } from './observer.js';
import { createOutput } from './output.js';
import { exchange, type Received, type ResponseSink } from './raw-client.js';
import { describeSent } from './report.js';
import type { Session } from './session.js';
import { watchWait } from './wait.js';

/** Sends one request and prints its response as curl would. @returns the exit code */
export async function sendOne(
  message: Message,
  session: Session,
  flags: RequestFlags,
  timeoutMs: number,
  host: Host,
): Promise<number> {
  const print = createPrinter(host, flags);
  const refuses = (status: number) => flags.fail === true && status >= 400;
  const output = createOutput(flags, host, refuses);
  const wait = watchWait(print, timeoutMs);
  const begun = performance.now();
  const ending = session.observer.ending(timeoutMs + ENDING_MS);
  const sink: ResponseSink = {
    ...output,
    head(text) {
      wait.end();
      return output.head(text);
    },
  };
  try {
    const limit = flags.maxTime === undefined ? [] : [timeoutSignal(flags.maxTime * 1000 + ANSWER_MS)];
    const received = await exchange(session.socketPath, message, sink, AbortSignal.any([host.signal, ...limit]));
    await output.end();
    const totalMs = performance.now() - begun;
    report(received, totalMs, session.observer, flags, print);
    return await judge(received, await ending, session, print, refuses);
  } catch (error) {
    if (error instanceof CommandFailure) throw error;
    await output.end();
    if (host.signal.aborted) return EXIT.interrupted;
    if ((error as Error).name !== 'AbortError' && (error as Error).name !== 'TimeoutError') throw error;
    print.note(`The response was not over in ${flags.maxTime} s (--max-time).`);
    return REQUEST_EXIT.timeout;
  } finally {
    wait.end();
  }
}

/** The end of a request is reported when its response has left, ms. */
const ENDING_MS = 5000;
/** What the proxy takes at most to say why there is no reply, ms: it asks the processors. */
const ANSWER_MS = 1000;

/** There was no answer in time, in the words of who found out. */
const LATE: ReadonlyMap<ErrorCode | null, string> = new Map([
  ['timeout', 'A processor took the request up when its time was over.'],
  ['backend_timeout', 'A processor took the request up, and its backend did not answer in time.'],
]);

function report(received: Received, totalMs: number, observer: Observer, flags: RequestFlags, print: Printer): void {
  const sent = observer.sentLast();
  const replied = observer.replyTo(sent);
  const phases = phasesBetween(sent, replied);
  if (flags.verbose) for (const line of describeSent({ sent, replied, phases, totalMs })) print.note(`* ${line}`);
  if (!flags.json) return;
  print.object({
    status: received.status,
    reason: received.reason,
    headers: pairsOf(received.headers),
    reply_bytes: received.bytes,
    id: sent === null ? undefined : shownId(sent.correlationId),
    request: sent === null ? undefined : placeOf(sent),
    reply: replied === null ? undefined : placeOf(replied.record),
    ...inTenths({ ...phases, total: totalMs }),
  });
}

async function judge(
  received: Received,
  ending: Awaited<ReturnType<Observer['ending']>>,
  { observer, explain }: Session,
  print: Printer,
  refuses: (status: number) => boolean,
): Promise<number> {
  const sent = observer.sentLast();
  const code = ending?.error?.code ?? observer.replyTo(sent)?.error;
  if (received.brokenOff) {
    print.note(
      `The response broke off after ${received.bytes} bytes of body${ending?.error ? `: ${ending.error.message}` : '.'}`,
    );
    return REQUEST_EXIT.partial;
  }
  if (code !== undefined && LATE.has(code)) {
    // What the proxy says itself asks the processors already; their replies say what they say.
    print.note(ending?.error?.message ?? LATE.get(code) ?? '');
    const why = ending?.error === undefined ? null : await explain();
    if (why !== null) print.note(why);
    return REQUEST_EXIT.timeout;
  }
  if (code === 'kafka_unavailable') {
    print.note(ending?.error?.message ?? 'Kafka cannot be reached at the moment.');
    return REQUEST_EXIT.unreachable;
  }
  if (!refuses(received.status)) return EXIT.done;
  print.note(`The response is ${received.status} ${printable(received.reason)} (--fail).`);
  return REQUEST_EXIT.failed;
}

/** Tenths; the rest is noise. */
function inTenths(times: Readonly<Record<string, number | null>>): Record<string, number | null> {
  return Object.fromEntries(
    Object.entries(times).map(([name, value]) => [`${name}_ms`, value === null ? null : Math.round(value * 10) / 10]),
  );
}
