import type { Dashboard } from '@grafana/grafana-foundation-sdk/dashboard';
import { choice, frame } from './frame.js';
import { figure, lines, orNone, quantile, sumRate } from './panels.js';
import { slowTraces, TEMPO, tempoVariable } from './traces.js';

/** Topics have the same names in both tiers; jobs do not. */
const PROXY = 'job=~"$proxy", topic=~"$topic"';
const PROCESSOR = 'job=~"$processor", topic=~"$topic"';
/** Series of the proxy that know no topic. */
const PROXIES = 'job=~"$proxy"';

const REQUEST = mean('proxy_request_latency_seconds', PROXY);
const KAFKA = mean('proxy_kafka_latency_seconds', PROXY);
const QUEUE = mean('processor_queue_time_seconds', PROCESSOR);
const PROCESSING = mean('processor_latency_seconds', PROCESSOR);
/** Of all attempts of a request together. */
const BACKEND = `${sumRate('processor_backend_latency_seconds_sum', PROCESSOR)} / ${sumRate('processor_latency_seconds_count', PROCESSOR)}`;

/** Both tiers and what is between them: where the time of a request goes, and where requests get lost. */
export function pathDashboard(): Dashboard {
  return frame({
    name: 'path',
    title: 'Kafka HTTP proxy / Whole path',
    about:
      'A request from the client through the proxy, Kafka and a processor to the backend, and back: where its time goes.',
    variables: [
      choice('proxy', 'Job of the proxies', 'label_values(proxy_pending_requests, job)'),
      choice('processor', 'Job of the processors', 'label_values(processor_active_consumers, job)'),
      choice('topic', 'Request topic', 'label_values(processor_consumer_lag{job=~"$processor"}, topic)'),
      tempoVariable(),
    ],
    rows: [
      { title: 'Symptoms', panels: symptoms() },
      { title: 'Where the time goes', panels: time() },
      { title: 'Where requests get lost', panels: losses() },
      { title: `Traces (needs a data source of the type ${TEMPO})`, panels: slowTraces(), collapsed: true },
    ],
  });
}

function symptoms() {
  return [
    figure({ title: 'Requests', about: 'Per second.', unit: 'reqps', expr: sumRate('proxy_requests_total', PROXY) }),
    figure({
      title: '5xx',
      about: 'Share of responses that are 5xx, of all topics.',
      unit: 'percentunit',
      expr: `${orNone(sumRate('proxy_responses_total', `${PROXIES}, class="5xx"`))} / ${sumRate('proxy_responses_total', PROXIES)}`,
      bad: 0.01,
    }),
    figure({
      title: 'Latency, p99',
      about: 'As clients see it.',
      unit: 's',
      expr: quantile(0.99, 'proxy_request_latency_seconds', PROXY),
    }),
    figure({
      title: 'The bridge adds',
      about: 'To the time of the backend, on average: proxy, Kafka twice, queue, processor.',
      unit: 's',
      expr: `clamp_min(${REQUEST} - ${BACKEND}, 0)`,
    }),
    figure({
      title: 'Lag',
      about: 'Records that no processor has read yet.',
      unit: 'short',
      expr: `sum(processor_consumer_lag{${PROCESSOR}})`,
    }),
    figure({
      title: 'Waiting',
      about:
        'Requests that wait for a reply, over all proxies. More than lag and in flight: replies are slow to come back.',
      unit: 'short',
      expr: `sum(proxy_pending_requests{${PROXIES}})`,
    }),
  ];
}

function time() {
  return [
    lines({
      title: 'Parts of a request, on average',
      about:
        'Upon each other they are the mean latency. Kafka is what is left of the proxy’s wait: sending, the reply’s way, ' +
        'reading it. With streams, or one tier’s scrape missing, parts may not fit, and are 0.',
      unit: 's',
      stacked: true,
      span: 12,
      queries: [
        [`clamp_min(${REQUEST} - ${KAFKA}, 0)`, 'proxy'],
        [`clamp_min(${KAFKA} - ${QUEUE} - ${PROCESSING}, 0)`, 'Kafka'],
        [QUEUE, 'queue'],
        [`clamp_min(${PROCESSING} - ${BACKEND}, 0)`, 'processor'],
        [BACKEND, 'backend'],
      ],
    }),
    lines({
      title: 'p99 of each part',
      about: 'Each includes those below it, the queue aside. A dot is a request whose trace was recorded: open it.',
      unit: 's',
      exemplars: true,
      span: 12,
      queries: [
        [quantile(0.99, 'proxy_request_latency_seconds', PROXY), 'request'],
        [quantile(0.99, 'proxy_kafka_latency_seconds', PROXY), 'Kafka and back'],
        [quantile(0.99, 'processor_queue_time_seconds', PROCESSOR), 'queue'],
        [quantile(0.99, 'processor_latency_seconds', PROCESSOR), 'processor'],
        [quantile(0.99, 'processor_backend_latency_seconds', PROCESSOR), 'backend, one attempt'],
      ],
    }),
    lines({
      title: 'Request, p99 by topic',
      about: 'As clients see it.',
      unit: 's',
      exemplars: true,
      queries: [[quantile(0.99, 'proxy_request_latency_seconds', PROXY, ['topic']), '{{topic}}']],
    }),
    lines({
      title: 'Queue, p99 by topic',
      about: 'From writing a record to taking it up.',
      unit: 's',
      exemplars: true,
      queries: [[quantile(0.99, 'processor_queue_time_seconds', PROCESSOR, ['topic']), '{{topic}}']],
    }),
    lines({
      title: 'Backend, p99 by topic',
      about: 'One attempt.',
      unit: 's',
      exemplars: true,
      queries: [[quantile(0.99, 'processor_backend_latency_seconds', PROCESSOR, ['topic']), '{{topic}}']],
    }),
  ];
}

function losses() {
  return [
    lines({
      title: 'Before and after Kafka',
      about:
        'Requests that were sent and records that were done run together. Above: the queue grows. Below: it is worked off.',
      unit: 'reqps',
      queries: [
        [sumRate('proxy_requests_total', PROXY), 'requests'],
        [sumRate('processor_messages_total', PROCESSOR), 'records done'],
      ],
    }),
    lines({
      title: 'Requests without a good end',
      about: 'By the tier that gave them up, the earliest first.',
      unit: 'ops',
      queries: [
        [orNone(sumRate('proxy_errors_total', PROXIES)), 'proxy: problems'],
        [orNone(sumRate('proxy_timeouts_total', PROXY)), 'proxy: timeouts'],
        [orNone(sumRate('processor_expired_total', PROCESSOR)), 'processor: expired'],
        [orNone(sumRate('processor_skipped_records_total', PROCESSOR)), 'Kafka: deleted unread'],
        [orNone(sumRate('processor_backend_errors_total', PROCESSOR)), 'backend: no usable answer'],
        [orNone(sumRate('processor_dead_letters_total', PROCESSOR)), 'dead letters'],
      ],
    }),
    lines({
      title: 'Replies in vain',
      about: 'late: nobody waited any longer. foreign: proxies share a partition. not written: Kafka did not take it.',
      unit: 'ops',
      queries: [
        [sumRate('proxy_late_replies_total', PROXIES), 'late'],
        [sumRate('proxy_foreign_replies_total', PROXIES), 'foreign'],
        [orNone(sumRate('processor_replies_failed_total', PROCESSOR)), 'not written'],
      ],
    }),
  ];
}

/** Mean of a histogram, in PromQL. */
function mean(histogram: string, selector: string): string {
  return `${sumRate(`${histogram}_sum`, selector)} / ${sumRate(`${histogram}_count`, selector)}`;
}
