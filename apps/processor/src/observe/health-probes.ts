import { isIP } from 'node:net';
import type { TopicConfig } from '@kafka-http-proxy/protocol';
import type { Logger } from '@kafka-http-proxy/service';
import { describeError } from '@kafka-http-proxy/service';
import type { Clock } from '@kafka-http-proxy/streams';
import pLimit from 'p-limit';
import { type BackendTls, tlsOptions } from '../backend/backend-pools.js';

/** How long a probe may take, ms. */
const PROBE_TIMEOUT_MS = 5_000;
/** Attempts in a row without an answer after which a backend is taken for one that is down. */
const MISSED_ATTEMPTS = 3;
/** How the trouble of a backend begins that answers its probe. */
const STATUS = 'status ';
/** Probes at once. */
const MAX_PROBES = 4;

export interface HealthProbesOptions {
  readonly topics: readonly TopicConfig[];
  /** Path where a topic has none of its own. */
  readonly path: string;
  /** Between the end of one round and the next, ms; 0: no probes. */
  readonly intervalMs: number;
  readonly clock: Clock;
  readonly logger: Pick<Logger, 'warn' | 'info'>;
}

/** Whether each backend is up, by asking it now and then and by what requests meet: for the gauge and the log; traffic does not wait for it. */
export interface HealthProbes {
  /** Null while not known. */
  up(topic: string): boolean | null;
  /** An attempt at the backend of a topic got an answer, or none. */
  seen(topic: string, answered: boolean): void;
  stop(): void;
}

/**
 * Asks each backend now and then, until it is stopped.
 *
 * @example
 * const probes = startHealthProbes({ topics, path: '/health', intervalMs: 10_000, clock, logger });
 * probes.up('requests'); // null while not known
 * probes.stop();
 */
export function startHealthProbes({ topics, path, intervalMs, clock, logger }: HealthProbesOptions): HealthProbes {
  const known = new Map<string, boolean>();
  const stopping = new AbortController();
  const limit = pLimit(MAX_PROBES);
  const probes = topics.map((topic) => ({ topic, url: probeUrl(topic, path), https: gotTls(tlsOptions(topic)) }));
  let cancel = () => {};

  const probe = async ({ topic, url, https }: (typeof probes)[number]): Promise<void> => {
    const trouble = await ask(url, https, stopping.signal);
    if (stopping.signal.aborted) return;
    if (trouble?.startsWith(STATUS)) unwell.add(topic.request_topic);
    else unwell.delete(topic.request_topic);
    note(topic, trouble);
  };
  const note = (topic: TopicConfig, trouble: string | null): void => {
    const up = trouble === null;
    const before = known.get(topic.request_topic) ?? true;
    known.set(topic.request_topic, up);
    if (up === before) return;
    const facts = { topic: topic.request_topic, backend: topic.backend_url };
    if (up) logger.info(facts, 'the backend is up again');
    else logger.warn({ ...facts, cause: trouble }, 'the backend is down');
  };
  const failures = new Map<string, number>();
  /** Those that say so themselves: what requests meet is no reason to doubt it. */
  const unwell = new Set<string>();
  const round = async (): Promise<void> => {
    await Promise.all(probes.map((one) => limit(probe, one)));
    if (!stopping.signal.aborted) cancel = clock.after(intervalMs, () => void round());
  };
  if (intervalMs > 0) void round();

  return {
    up: (topic) => known.get(topic) ?? null,
    seen(name, answered) {
      // Most by far: it was up before and still is.
      if (answered && known.get(name) === true && failures.get(name) === 0) return;
      const failed = answered ? 0 : (failures.get(name) ?? 0) + 1;
      failures.set(name, failed);
      const topic = topics.find(({ request_topic }) => request_topic === name);
      if (topic === undefined || (failed > 0 && failed < MISSED_ATTEMPTS) || (answered && unwell.has(name))) return;
      if (known.get(name) !== answered) note(topic, answered ? null : `${failed} attempts in a row got no answer`);
    },
    stop() {
      stopping.abort();
      cancel();
    },
  };
}

/** Null when the backend is up: any answer below 500 will do. */
async function ask(url: URL, https: GotTls, signal: AbortSignal): Promise<string | null> {
  try {
    // Loaded with the first probe: a start has better things to do.
    const { got } = await import('got');
    const response = await got(url, {
      https,
      signal,
      retry: { limit: 0 },
      timeout: { request: PROBE_TIMEOUT_MS },
      throwHttpErrors: false,
      followRedirect: false,
    });
    return response.statusCode < 500 ? null : `${STATUS}${response.statusCode}`;
  } catch (error) {
    return describeError(error);
  }
}

function probeUrl(topic: TopicConfig, common: string): URL {
  const base = new URL(topic.backend_url);
  return new URL(base.pathname.replace(/\/$/, '') + (topic.health_path ?? common), base.origin);
}

interface GotTls {
  readonly certificateAuthority?: Buffer;
  readonly certificate?: Buffer;
  readonly key?: Buffer;
  readonly serverName?: string;
  readonly rejectUnauthorized?: boolean;
}

function gotTls({ ca, cert, key, servername, rejectUnauthorized }: BackendTls): GotTls {
  return {
    ...(ca && { certificateAuthority: ca }),
    ...(cert && { certificate: cert }),
    ...(key && { key }),
    ...(servername && !isIP(servername) && { serverName: servername }),
    ...(rejectUnauthorized !== undefined && { rejectUnauthorized }),
  };
}
