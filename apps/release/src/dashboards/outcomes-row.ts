import type { Row } from './frame.js';
import { lines, orNone, percentiles, sumRate } from './panels.js';

/** What became of the requests that processors took up. @param selector matchers of job, instance and topic */
export function outcomesRow(selector: string): Row {
  return {
    title: 'Requests',
    panels: [
      lines({
        title: 'Processing',
        about: 'From taking up a record to its reply being in Kafka, retries included.',
        unit: 's',
        queries: percentiles('processor_latency_seconds', selector),
        exemplars: true,
      }),
      lines({
        title: 'Records by topic and outcome',
        about: 'Done with a reply, or in an error.',
        unit: 'reqps',
        queries: [[sumRate('processor_messages_total', selector, ['topic', 'status']), '{{topic}} {{status}}']],
      }),
      lines({
        title: 'Dead letters by code',
        about: 'Why: docs/errors.md. failed: too large for the dead-letter topic, and lost.',
        unit: 'ops',
        queries: [
          [sumRate('processor_dead_letters_total', selector, ['topic', 'code']), '{{topic}} {{code}}'],
          [orNone(sumRate('processor_dead_letters_failed_total', selector)), 'failed'],
        ],
      }),
      lines({
        title: 'In vain',
        about:
          'expired: the deadline had passed. cancelled: the client went away. skipped: retention deleted it before it was read.',
        unit: 'ops',
        queries: [
          [orNone(sumRate('processor_expired_total', selector)), 'expired'],
          [orNone(sumRate('processor_cancelled_total', selector)), 'cancelled'],
          [orNone(sumRate('processor_skipped_records_total', selector)), 'skipped'],
        ],
      }),
      lines({
        title: 'Unreadable records, replies not written',
        about: 'Records that are no usable request, by what is wrong with them; and replies that Kafka did not take.',
        unit: 'ops',
        queries: [
          [sumRate('processor_poison_records_total', selector, ['fault']), 'poison: {{fault}}'],
          [orNone(sumRate('processor_replies_failed_total', selector)), 'replies failed'],
        ],
      }),
      lines({
        title: 'Records from the future',
        about:
          'Written after the time that this machine’s clock shows: clocks disagree, deadlines and queue times are wrong.',
        unit: 'ops',
        queries: [[orNone(sumRate('processor_clock_skew_total', selector)), 'records']],
      }),
    ],
  };
}
