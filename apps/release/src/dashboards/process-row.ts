import type { Row } from './frame.js';
import { lines, orNone, rate, sumRate } from './panels.js';

/** What is the same in both tiers: the process, its Kafka clients, its log. @param selector matchers of job and instance */
export function processRow(selector: string, tier: 'proxy' | 'processor'): Row {
  return {
    title: 'Process',
    panels: [
      lines({
        title: 'CPU',
        about: 'Cores that each process uses. One event loop runs on one core: near 1, latency grows.',
        unit: 'short',
        queries: [[rate('process_cpu_seconds_total', selector), '{{instance}}']],
      }),
      lines({
        title: 'Event loop lag, p99',
        about: 'How late timers of a process are. Above 0.1 s it has too much to do.',
        unit: 's',
        queries: [[`nodejs_eventloop_lag_p99_seconds{${selector}}`, '{{instance}}']],
      }),
      lines({
        title: 'Memory',
        about: 'Memory of each process, Kafka client included, and what JavaScript has of it.',
        unit: 'bytes',
        queries: [
          [`process_resident_memory_bytes{${selector}}`, '{{instance}} resident'],
          [`nodejs_heap_size_used_bytes{${selector}}`, '{{instance}} heap'],
        ],
      }),
      lines({
        title: 'Kafka clients: errors and reconnects',
        about:
          'Errors that the Kafka clients reported, and clients that were given up and made anew; 0 in a good hour.',
        unit: 'ops',
        queries: [
          [orNone(sumRate('kafka_client_errors_total', selector)), 'errors'],
          [orNone(sumRate('kafka_client_restarts_total', selector)), 'restarts'],
        ],
      }),
      lines({
        title: 'Log lines dropped',
        about: 'Lines that were lost since nobody read standard output. Above 0: what collects the log is stuck.',
        unit: 'ops',
        queries: [[rate('log_lines_dropped_total', selector), '{{instance}}']],
      }),
      lines({
        title: 'Configuration',
        about: '0 while the last reload of a configuration was refused, and the one from before is in effect.',
        unit: 'short',
        queries: [[`${tier}_config_last_reload_successful{${selector}}`, '{{instance}}']],
      }),
      lines({
        title: 'Versions',
        about: 'Processes by version. Two at a time only while an upgrade goes on.',
        unit: 'short',
        queries: [
          [
            `count by (service, version, node_version) (kafka_http_proxy_build_info{${selector}})`,
            '{{version}}, Node {{node_version}}',
          ],
        ],
      }),
    ],
  };
}
