import type { Dashboard } from '@grafana/grafana-foundation-sdk/dashboard';
import { choice, frame } from './frame.js';
import { figure, lines, orNone, percentiles, quantile, rate, sumRate } from './panels.js';
import { processRow } from './process-row.js';

const ALL = 'job=~"$job", instance=~"$instance"';
const TOPIC = `${ALL}, topic=~"$topic"`;
const REQUESTS = 'proxy_requests_total';
const RESPONSES = 'proxy_responses_total';

/** What clients see of the proxies, and why. */
export function proxyDashboard(): Dashboard {
  return frame({
    name: 'proxy',
    title: 'Kafka HTTP proxy / Proxy',
    about: 'The proxies: what clients get and how fast, what waits for replies, and what the processes need for it.',
    variables: [
      choice('job', 'Job', 'label_values(proxy_pending_requests, job)'),
      choice('instance', 'Instance', 'label_values(proxy_pending_requests{job=~"$job"}, instance)'),
      choice('topic', 'Request topic', 'label_values(proxy_requests_total{job=~"$job"}, topic)'),
    ],
    rows: [
      { title: 'Symptoms', panels: symptoms() },
      { title: 'Requests and errors', panels: requests() },
      { title: 'Latency', panels: latency() },
      { title: 'Waiting', panels: waiting() },
      { title: 'Streams', panels: streams() },
      processRow(ALL, 'proxy'),
    ],
  });
}

function symptoms() {
  return [
    figure({
      title: 'Requests',
      about: 'Requests per second, of the topics that are chosen.',
      unit: 'reqps',
      expr: sumRate(REQUESTS, TOPIC),
    }),
    figure({
      title: '5xx',
      about: 'Share of responses that are 5xx, whoever made them.',
      unit: 'percentunit',
      expr: `${orNone(sumRate(RESPONSES, `${ALL}, class="5xx"`))} / ${sumRate(RESPONSES, ALL)}`,
      bad: 0.01,
    }),
    figure({
      title: 'Without a reply',
      about: 'Share of requests whose deadline passed. A topic that nobody reads has 100 %.',
      unit: 'percentunit',
      expr: `${orNone(sumRate('proxy_timeouts_total', TOPIC))} / ${sumRate(REQUESTS, TOPIC)}`,
      bad: 0.01,
    }),
    figure({
      title: 'Latency, p99',
      about: 'From the head of a request to the end of its response; 1 of 100 takes longer.',
      unit: 's',
      expr: quantile(0.99, 'proxy_request_latency_seconds', TOPIC),
    }),
    figure({
      title: 'Waiting',
      about: 'Requests that wait for their reply now, over all proxies.',
      unit: 'short',
      expr: `sum(proxy_pending_requests{${ALL}})`,
    }),
    figure({
      title: 'Ready',
      about: 'Share of proxies that answer /ready with 200; the others get no requests.',
      unit: 'percentunit',
      expr: `avg(proxy_ready{${ALL}})`,
      badBelow: 1,
    }),
  ];
}

function requests() {
  return [
    lines({
      title: 'Requests by topic and outcome',
      about:
        'success: there was a reply, be it an error of the backend. timeout: there was none. error: the proxy answered.',
      unit: 'reqps',
      queries: [[sumRate(REQUESTS, TOPIC, ['topic', 'status']), '{{topic}} {{status}}']],
    }),
    lines({
      title: 'Responses by class',
      about: 'What clients got; of all topics.',
      unit: 'reqps',
      queries: [[sumRate(RESPONSES, ALL, ['class']), '{{class}}']],
      stacked: true,
    }),
    lines({
      title: 'Problems by code',
      about: 'What the proxies answered themselves, or cut: docs/errors.md has each code, and what to do.',
      unit: 'reqps',
      queries: [[sumRate('proxy_errors_total', ALL, ['code']), '{{code}}']],
    }),
    lines({
      title: 'Clients that went away',
      about: 'Before the end of their answer; often since it came too late.',
      unit: 'reqps',
      queries: [[rate('proxy_client_disconnects_total', ALL), '{{instance}}']],
    }),
    lines({
      title: 'Replies that nobody took',
      about:
        'late: the request had given up. foreign: for another proxy that shares the partition. malformed: no reply.',
      unit: 'ops',
      queries: [
        [sumRate('proxy_late_replies_total', ALL), 'late'],
        [sumRate('proxy_foreign_replies_total', ALL), 'foreign'],
        [sumRate('proxy_malformed_replies_total', ALL, ['fault']), 'malformed: {{fault}}'],
      ],
    }),
    lines({
      title: 'Ready, by proxy',
      about: '1 where /ready answers 200.',
      unit: 'short',
      queries: [[`proxy_ready{${ALL}}`, '{{instance}}']],
    }),
  ];
}

function latency() {
  return [
    lines({
      title: 'Request',
      about: 'From the head of a request to the end of its response. A dot is a request whose trace was recorded.',
      unit: 's',
      queries: percentiles('proxy_request_latency_seconds', TOPIC),
      exemplars: true,
    }),
    lines({
      title: 'Kafka and processor',
      about:
        'From publishing a request to the arrival of its reply. What is above it in the left panel is the proxy’s.',
      unit: 's',
      queries: percentiles('proxy_kafka_latency_seconds', TOPIC),
      exemplars: true,
    }),
    lines({
      title: 'Request, p99 by topic',
      about: 'Which topic is slow.',
      unit: 's',
      queries: [[quantile(0.99, 'proxy_request_latency_seconds', TOPIC, ['topic']), '{{topic}}']],
      exemplars: true,
    }),
  ];
}

function waiting() {
  return [
    lines({
      title: 'Requests that wait',
      about: 'For their reply, by proxy; max_pending is the most that there can be.',
      unit: 'short',
      queries: [[`proxy_pending_requests{${ALL}}`, '{{instance}}']],
    }),
    lines({
      title: 'Timeouts by topic',
      about: 'Requests whose deadline passed without a reply.',
      unit: 'reqps',
      queries: [[sumRate('proxy_timeouts_total', TOPIC, ['topic']), '{{topic}}']],
    }),
    lines({
      title: 'Memory of requests and replies',
      about: 'What heads, bodies and replies hold of memory_budget; at its end requests are refused as overloaded.',
      unit: 'bytes',
      queries: [[`proxy_memory_reserved_bytes{${ALL}}`, '{{instance}}']],
    }),
  ];
}

function streams() {
  return [
    lines({
      title: 'Streams',
      about: 'Bodies that go on in parts.',
      unit: 'short',
      queries: [[`sum by (direction) (proxy_streams{${ALL}})`, '{{direction}}']],
    }),
    lines({
      title: 'Bytes of streams',
      about: 'By direction, per second.',
      unit: 'Bps',
      queries: [[sumRate('proxy_stream_bytes_total', ALL, ['direction']), '{{direction}}']],
    }),
    lines({
      title: 'Streams cut, claims refused',
      about: 'Replies that were broken off after they had begun, by why; and claims of streams that were refused.',
      unit: 'ops',
      queries: [
        [sumRate('proxy_streams_cut_total', ALL, ['reason']), 'cut: {{reason}}'],
        [orNone(sumRate('proxy_claims_refused_total', ALL)), 'claims refused'],
      ],
    }),
  ];
}
