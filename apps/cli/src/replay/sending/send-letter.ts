import { type Letter, type Mark, readLetter, replayRecord } from '@kafka-http-proxy/operate';
import { type ReplyAddress, shownId } from '@kafka-http-proxy/protocol';
import type { Fate, Requested, Requester } from '@kafka-http-proxy/proxy';
import type { Fetched } from '../plan/fetch.js';
import type { RunLog, RunName } from '../run/run-log.js';
import { notSent, type Outcome, outcomeOf } from './outcome.js';

/** What sending a letter takes. */
export interface SendDeps {
  readonly log: Pick<RunLog, 'announce' | 'note'>;
  readonly requester: Pick<Requester, 'request' | 'send'>;
  readonly name: RunName;
  readonly timeoutMs: number;
  /** Where the answer of a letter is read; null: nobody waits for it. */
  addressOf(letter: Fetched): ReplyAddress | null;
}

/** Announces letters, sends them and notes what became of them. */
export interface LetterSender {
  announce(letter: Fetched): Promise<boolean>;
  send(letter: Fetched): Promise<Outcome>;
}

/**
 * @example
 * const sender = createLetterSender({ log, requester, name, timeoutMs: 30_000, addressOf });
 * if (await sender.announce(letter)) console.log((await sender.send(letter)).label); // answered 200
 */
export function createLetterSender({ log, requester, name, timeoutMs, addressOf }: SendDeps): LetterSender {
  const markOf = ({ planned, record }: Fetched, said: Pick<Mark, 'state' | 'status' | 'code' | 'n' | 'to'>): Mark => {
    const { request } = readLetter(record);
    return {
      v: 1,
      ...said,
      n: said.n ?? planned.n,
      ...(request !== null && { id: shownId(request.correlationId) }),
      ...name,
      at: Date.now(),
    };
  };
  const note = async (letter: Fetched, outcome: Outcome): Promise<Outcome> => {
    if (outcome.mark !== null) await log.note(letter.record, markOf(letter, outcome.mark));
    return outcome;
  };

  return {
    async announce(letter) {
      const { record, planned } = letter;
      // Where it is false, nothing more is said of it: the run that has taken over may have sent it meanwhile.
      return await log.announce(record, markOf(letter, { state: 'sending', n: planned.n }));
    },
    async send(fetched) {
      const { n, to } = fetched.planned;
      const letter = readLetter(fetched.record);
      const address = addressOf(fetched);
      const made = recordOf(letter, { ...name, n, to, reply: address });
      if (!made.ok) return note(fetched, notSent(made.why, n));
      const requested: Requested = { requestTopic: to, timeoutMs, record: made.record };
      const fate: Fate = await (address === null ? requester.send(requested) : requester.request(requested));
      return note(fetched, outcomeOf(fate, n, to));
    },
  };
}

type Addressed = Omit<Parameters<typeof replayRecord>[1], 'correlationId' | 'deadlineMs' | 'at'>;
type Made = { readonly ok: true; readonly record: Requested['record'] } | { readonly ok: false; readonly why: string };

/** How the record is made when the id is known; whether it can be made does not depend on that. */
function recordOf(letter: Letter, addressed: Addressed): Made {
  const at = Date.now();
  const make = (correlationId: string, deadlineMs: number) =>
    replayRecord(letter, { ...addressed, correlationId, deadlineMs, at });
  const tried = make('x'.repeat(40), at);
  if (!tried.ok) return tried;
  return {
    ok: true,
    record(id, deadlineMs) {
      const made = make(id, deadlineMs);
      return made.ok ? made.record : tried.record;
    },
  };
}
