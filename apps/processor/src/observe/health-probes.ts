import { isIP } from 'node:net';
import type { ProcessorConfig, TopicConfig } from '@kafka-http-proxy/protocol';
import type { Logger } from '@kafka-http-proxy/service';
import { describeError } from '@kafka-http-proxy/service';
import type { Clock } from '@kafka-http-proxy/streams';
import pLimit from 'p-limit';
import type { BackendTls } from '../backend/backend-tls.js';

/** How long a probe may take, ms. */
const PROBE_TIMEOUT_MS = 5_000;
/** Attempts in a row without an answer after which a backend is taken for one that is down. */
const MISSED_ATTEMPTS = 3;
/** How the trouble of a backend begins that answers its probe. */
const STATUS = 'status ';
/** Probes at once. */
const MAX_PROBES = 4;

/** Which backends are probed, and how. */
export interface ProbePlan {
  readonly topics: readonly TopicConfig[];
  /** Path where a topic has none of its own. */
  readonly path: string;
  /** Between the end of one round and the next, ms; 0: no probes. */
  readonly intervalMs: number;
}

/** How a configuration has backends probed. */
export function probePlan(config: ProcessorConfig): ProbePlan {
  return { topics: config.topics, path: config.health_path, intervalMs: config.health_check_interval * 1000 };
}

export interface HealthProbesOptions extends ProbePlan {
  readonly tlsOf: (topic: TopicConfig) => BackendTls;
  readonly clock: Clock;
  readonly logger: Pick<Logger, 'warn' | 'info'>;
}

/** Whether each backend is up, by asking it now and then and by what requests meet: for the gauge and the log; traffic does not wait for it. */
export interface HealthProbes {
  /** Null while not known. */
  up(topic: string): boolean | null;
  /** An attempt at the backend of a topic got an answer, or none. */
  seen(topic: Pick<TopicConfig, 'request_topic' | 'backend_url'>, answered: boolean): void;
  /** Goes by another plan from now on, at once. What is known of backends that stay is kept. */
  change(plan: ProbePlan): void;
  stop(): void;
}

/** A backend that is probed, and what is known of it. */
interface Probed {
  readonly topic: TopicConfig;
  readonly url: URL;
  readonly https: GotTls;
  up: boolean | null;
  /** Attempts in a row without an answer; null before the first attempt. */
  failures: number | null;
  /** It says so itself: what requests meet is no reason to doubt it. */
  unwell: boolean;
}

/**
 * Asks each backend now and then, until it is stopped.
 *
 * @example
 * const probes = startHealthProbes({ topics, path: '/health', intervalMs: 10_000, tlsOf: pools.tlsOf, clock, logger });
 * probes.up('requests'); // null while not known
 * probes.stop();
 */
export function startHealthProbes({ tlsOf, clock, logger, ...first }: HealthProbesOptions): HealthProbes {
  const stopping = new AbortController();
  const limit = pLimit(MAX_PROBES);
  let probed = new Map<string, Probed>();
  let intervalMs = 0;
  let cancel = () => {};
  /** Counts plans: a round of one that was replaced is the last of it. */
  let plan = 0;

  const probe = async (one: Probed): Promise<void> => {
    const trouble = await ask(one.url, one.https, stopping.signal);
    if (stopping.signal.aborted || probed.get(one.topic.request_topic) !== one) return;
    one.unwell = trouble?.startsWith(STATUS) ?? false;
    note(one, trouble);
  };
  const note = (one: Probed, trouble: string | null): void => {
    const up = trouble === null;
    const before = one.up ?? true;
    one.up = up;
    if (up === before) return;
    const facts = { topic: one.topic.request_topic, backend: one.topic.backend_url };
    if (up) logger.info(facts, 'the backend is up again');
    else logger.warn({ ...facts, cause: trouble }, 'the backend is down');
  };
  const round = async (of: number): Promise<void> => {
    await Promise.all([...probed.values()].map((one) => limit(probe, one)));
    if (!stopping.signal.aborted && of === plan) cancel = clock.after(intervalMs, () => void round(of));
  };
  const change = (next: ProbePlan): void => {
    const before = probed;
    probed = new Map(
      next.topics.map((topic) => {
        const fresh = { topic, url: probeUrl(topic, next.path), https: gotTls(tlsOf(topic)) };
        const known = before.get(topic.request_topic);
        const { up, failures, unwell } = known?.topic.backend_url === topic.backend_url ? known : UNKNOWN;
        return [topic.request_topic, { ...fresh, up, failures, unwell }];
      }),
    );
    intervalMs = next.intervalMs;
    cancel();
    plan++;
    if (intervalMs > 0 && !stopping.signal.aborted) void round(plan);
  };
  change(first);

  return {
    up: (topic) => probed.get(topic)?.up ?? null,
    seen(topic, answered) {
      const one = probed.get(topic.request_topic);
      // What still runs at a backend that was moved says nothing of the one that took its place.
      if (one === undefined || one.topic.backend_url !== topic.backend_url) return;
      // Most by far: it was up before and still is.
      if (answered && one.up === true && one.failures === 0) return;
      const failed = answered ? 0 : (one.failures ?? 0) + 1;
      one.failures = failed;
      if ((failed > 0 && failed < MISSED_ATTEMPTS) || (answered && one.unwell)) return;
      if (one.up !== answered) note(one, answered ? null : `${failed} attempts in a row got no answer`);
    },
    change,
    stop() {
      stopping.abort();
      cancel();
    },
  };
}

const UNKNOWN: Pick<Probed, 'up' | 'failures' | 'unwell'> = { up: null, failures: null, unwell: false };

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
