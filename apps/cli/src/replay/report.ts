import { placeOf } from '@kafka-http-proxy/operate';
import type { Printer } from '../output/printer.js';
import type { Fetched } from './plan/fetch.js';
import { destinationsOf, type PassedOver, type Plan } from './plan/plan.js';
import type { EngineEnd } from './sending/engine.js';
import type { Outcome } from './sending/outcome.js';

/** What is printed where a letter is passed over, behind its count. */
const WHY: Readonly<Partial<Record<PassedOver, string>>> = {
  truncated: 'truncated: they hold the beginning of a body only',
  unreadable: 'unreadable: no usable request',
  exhausted: 'exhausted: sent again as often as is allowed (--max-replays)',
  read_only: 'read_only: nobody waits for the answer (--include-safe)',
  told_to_retry: 'told_to_retry: the client was asked to send it again by itself (--include-refused)',
  may_have_run: 'may_have_run: a second time might count twice (--allow-repeat)',
  answered: 'answered already (--again)',
  sent: 'sent again already (--again)',
  failed: 'sent again already, and a letter of their own since (--again)',
  discarded: 'discarded (--again)',
  other_topic: 'for topics that no configuration here has for request topics (--config, or --to)',
  no_answers: 'whose answers can not be read (--reply-topic, or --no-wait)',
  limit: 'beyond --limit',
};

/** What a run will do, for whoever is to agree: `38 of 412 letters will be sent: 38 to orders-requests`. */
export function describePlan(plan: Plan): string {
  const { letters, passedOver, total } = plan;
  const where = destinationsOf(plan).map(([topic, count]) => `${count} to ${topic}`);
  const head = `${letters.length} of ${total} letters will be sent${where.length > 0 ? `: ${where.join(', ')}` : ''}`;
  const rest = [...passedOver]
    .sort(([, a], [, b]) => b - a)
    .map(([why, count]) => `  ${String(count).padStart(6)}  ${WHY[why] ?? why}`);
  return [head, ...(rest.length > 0 ? ['not sent:', ...rest] : [])].join('\n');
}

/** Prints what a run would do. */
export function printPlan(print: Printer, plan: Plan): void {
  if (!print.json) {
    print.text(describePlan(plan));
    return;
  }
  const { letters, passedOver, total } = plan;
  const to = Object.fromEntries(destinationsOf(plan));
  print.object({ total, ready: letters.length, to, not_sent: Object.fromEntries(passedOver) });
}

/** Counts how letters end, and shows it. */
export interface Report {
  ended(letter: Fetched, outcome: Outcome): void;
  /** Prints the counts, and why the run ended. */
  finish(end: EngineEnd | 'lost', why?: string): void;
  readonly failed: number;
}

/** @param total that are to be sent */
export async function createReport(print: Printer, run: string, total: number): Promise<Report> {
  const counts = new Map<string, number>();
  const progress = await print.progress('sent', total);
  const startedMs = Date.now();
  let done = 0;
  let failed = 0;

  return {
    ended({ planned, record }, { label, isFailure }) {
      done++;
      if (isFailure) failed++;
      counts.set(label, (counts.get(label) ?? 0) + 1);
      const perSecond = Math.round(done / Math.max((Date.now() - startedMs) / 1000, 0.001));
      progress.at(done, `answered ${done - failed}  failed ${failed}  ${perSecond}/s`);
      if (!print.json) return;
      const [state, what] = label.split(' ');
      const { n, to } = planned;
      const said = what === undefined ? {} : /^\d+$/.test(what) ? { status: Number(what) } : { code: what };
      print.object({ letter: placeOf(record), to, replays: n, run, state, ...said });
    },
    finish(end, why) {
      progress.end();
      const rows = [...counts].sort(([, a], [, b]) => b - a);
      if (!print.json) {
        print.rows(
          [
            { title: 'OUTCOME', value: ([label]) => label },
            { title: 'LETTERS', value: ([, count]) => count, align: 'right' },
          ],
          rows,
          ([outcome, letters]) => ({ outcome, letters }),
        );
      }
      const left = total - done;
      const rest = left > 0 ? `; ${left} were not sent` : '';
      print.note(`run ${run}: ${done} of ${total} sent, ${failed} failed${rest}${ENDED[end]}${why ? `: ${why}` : ''}`);
    },
    get failed() {
      return failed;
    },
  };
}

const ENDED: Readonly<Record<EngineEnd | 'lost', string>> = {
  done: '',
  stopped: '; interrupted',
  failures: '; stopped, since too many failed one after the other (--stop-after)',
  lost: '; stopped',
};
