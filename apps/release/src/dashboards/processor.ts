import type { Dashboard } from '@grafana/grafana-foundation-sdk/dashboard';
import { choice, frame } from './frame.js';
import { outcomesRow } from './outcomes-row.js';
import { figure, lines, orNone, percentiles, quantile, sumRate } from './panels.js';
import { processRow } from './process-row.js';

const ALL = 'job=~"$job", instance=~"$instance"';
const TOPIC = `${ALL}, topic=~"$topic"`;
const MESSAGES = 'processor_messages_total';
const LETTERS = 'processor_dead_letters_total';

/** What processors do with requests: their queue, their backends, what they give up. */
export function processorDashboard(): Dashboard {
  return frame({
    name: 'processor',
    title: 'Kafka HTTP proxy / Processor',
    about:
      'The processors: how far they are behind, how their backends answer, what they give up, and what they need for it.',
    variables: [
      choice('job', 'Job', 'label_values(processor_active_consumers, job)'),
      choice('instance', 'Instance', 'label_values(processor_active_consumers{job=~"$job"}, instance)'),
      choice('topic', 'Request topic', 'label_values(processor_consumer_lag{job=~"$job"}, topic)'),
    ],
    rows: [
      { title: 'Symptoms', panels: symptoms() },
      { title: 'Queue', panels: queue() },
      { title: 'Backends', panels: backends() },
      outcomesRow(TOPIC),
      { title: 'Streams', panels: streams() },
      processRow(ALL, 'processor'),
    ],
  });
}

function symptoms() {
  return [
    figure({
      title: 'Records done',
      about: 'Per second, of the topics that are chosen.',
      unit: 'reqps',
      expr: sumRate(MESSAGES, TOPIC),
    }),
    figure({
      title: 'Failed',
      about: 'Share of records that ended in an error: no usable answer, expired, unreadable.',
      unit: 'percentunit',
      expr: `${orNone(sumRate(MESSAGES, `${TOPIC}, status="error"`))} / ${sumRate(MESSAGES, TOPIC)}`,
      bad: 0.01,
    }),
    figure({
      title: 'Queue time, p99',
      about: 'From writing a record to taking it up.',
      unit: 's',
      expr: quantile(0.99, 'processor_queue_time_seconds', TOPIC),
      bad: 1,
    }),
    figure({
      title: 'Breakers open',
      about: 'Topics whose breaker is open, at one processor at least: their requests are held or refused.',
      unit: 'short',
      expr: `count(max by (topic) (processor_breaker_state{${TOPIC}}) == 2) or vector(0)`,
      bad: 1,
    }),
    figure({
      title: 'Dead letters',
      about: 'Records written to the dead-letter topic, per minute.',
      unit: 'short',
      expr: `60 * ${orNone(sumRate(LETTERS, TOPIC))}`,
      bad: 1,
    }),
    figure({
      title: 'Ready',
      about: 'Share of processors that answer /ready with 200.',
      unit: 'percentunit',
      expr: `avg(processor_ready{${ALL}})`,
      badBelow: 1,
    }),
  ];
}

function queue() {
  return [
    lines({
      title: 'Queue time',
      about: 'From writing a record to taking it up. Above a second: more processors, or faster backends.',
      unit: 's',
      queries: percentiles('processor_queue_time_seconds', TOPIC),
      exemplars: true,
    }),
    lines({
      title: 'Lag by topic',
      about: 'Records that nobody has read yet. It grows where requests come faster than they are done.',
      unit: 'short',
      queries: [[`sum by (topic) (processor_consumer_lag{${TOPIC}})`, '{{topic}}']],
    }),
    lines({
      title: 'Until they are read',
      about: 'Lag, divided by the records that are done in a second: how old the last one will be.',
      unit: 's',
      queries: [
        [`sum by (topic) (processor_consumer_lag{${TOPIC}}) / ${sumRate(MESSAGES, TOPIC, ['topic'])}`, '{{topic}}'],
      ],
    }),
    lines({
      title: 'In flight',
      about: 'Requests that hold one of max_concurrent_requests. All taken: the lag grows from here on.',
      unit: 'short',
      queries: [[`processor_messages_in_flight{${ALL}}`, '{{instance}}']],
    }),
    lines({
      title: 'Paused topics',
      about: '1 while a topic is not read: for pressure of memory, or since its backend is unhealthy.',
      unit: 'short',
      queries: [[`max by (topic, reason) (processor_paused{${TOPIC}})`, '{{topic}} {{reason}}']],
    }),
    lines({
      title: 'Consumers and readiness',
      about:
        'Consumers that have their assignment and read: they dip while the group rebalances. And 1 where /ready answers 200.',
      unit: 'short',
      queries: [
        [`processor_active_consumers{${ALL}}`, '{{instance}} consumers'],
        [`processor_ready{${ALL}}`, '{{instance}} ready'],
      ],
    }),
  ];
}

function backends() {
  return [
    lines({
      title: 'Backend, one attempt',
      about: 'From sending a request to the end of its answer. A dot is a request whose trace was recorded.',
      unit: 's',
      queries: percentiles('processor_backend_latency_seconds', TOPIC),
      exemplars: true,
    }),
    lines({
      title: 'Backend, p99 by backend',
      about: 'Which backend is slow.',
      unit: 's',
      queries: [
        [quantile(0.99, 'processor_backend_latency_seconds', TOPIC, ['topic', 'backend']), '{{topic}} {{backend}}'],
      ],
      exemplars: true,
    }),
    lines({
      title: 'Attempts without a usable answer',
      about: 'Share of the attempts at each backend.',
      unit: 'percentunit',
      queries: [
        [
          `${sumRate('processor_backend_errors_total', TOPIC, ['topic', 'backend'])} / ${sumRate('processor_backend_latency_seconds_count', TOPIC, ['topic', 'backend'])}`,
          '{{topic}} {{backend}}',
        ],
      ],
    }),
    lines({
      title: 'Breaker',
      about: '0 closed, 1 half open, 2 open: the worst of all processors.',
      unit: 'short',
      queries: [[`max by (topic) (processor_breaker_state{${TOPIC}})`, '{{topic}}']],
    }),
    lines({
      title: 'Backend up',
      about: '0: a probe got no usable answer, or three attempts got none. The share of processors that say 1.',
      unit: 'percentunit',
      queries: [[`avg by (topic, backend) (processor_backend_up{${TOPIC}})`, '{{topic}} {{backend}}']],
    }),
    lines({
      title: 'Retries',
      about: 'Attempts after the first.',
      unit: 'ops',
      queries: [[sumRate('processor_retries_total', TOPIC, ['topic']), '{{topic}}']],
    }),
  ];
}

function streams() {
  return [
    lines({
      title: 'Streams',
      about: 'Requests whose body or reply goes on in parts.',
      unit: 'short',
      queries: [[`processor_streams{${ALL}}`, '{{instance}}']],
    }),
    lines({
      title: 'Bytes of streams',
      about: 'By direction, per second.',
      unit: 'Bps',
      queries: [[sumRate('processor_stream_bytes_total', ALL, ['direction']), '{{direction}}']],
    }),
    lines({
      title: 'Streams cut, unusable records of the control topic',
      about:
        'Replies that were broken off after they had begun, by why; and records of control_topic that are of no use.',
      unit: 'ops',
      queries: [
        [sumRate('processor_streams_cut_total', TOPIC, ['code']), 'cut: {{code}}'],
        [orNone(sumRate('processor_malformed_inbox_records_total', ALL)), 'unusable'],
      ],
    }),
  ];
}
