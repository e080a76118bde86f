import { createHash } from 'node:crypto';
import { isIP } from 'node:net';
import { type TopicConfig, withoutBrackets } from '@kafka-http-proxy/protocol';
import { buildConnector, Pool } from 'undici';
import type { Backend } from './backend.js';
import { type BackendTls, tlsOptions } from './backend-tls.js';
import { createConnectionAge } from './connection-age.js';
import { holdEnd } from './hold-end.js';
import { keepAnswer } from './keep-answer.js';
import { plainBackend } from './plain-backend.js';
import { skipContinue } from './skip-continue.js';
import { createSocketClaim } from './socket-claim.js';
import { isBeyondUndici, undiciBackend } from './undici-backend.js';

/** Largest response head that is taken, bytes. */
const MAX_HEADER_BYTES = 128 * 1024;
/** Longest wait for a connection, ms; each attempt's own timeout counts too. */
const CONNECT_TIMEOUT_MS = 10_000;
/** A backend that tells how long it keeps a connection (Keep-Alive: timeout) is believed, but for this, ms. */
const KEEP_ALIVE_MARGIN_MS = 1_000;

/** The backends of all topics. */
export interface BackendPools {
  /**
   * The backend of a topic, for as long as it is not released. Topics of one origin share its connections, but for those
   * that differ in TLS, its files included, or in how long connections live.
   *
   * @param connections most connections to one origin: as many as there can be requests at once
   * @throws Error with a sentence, when a file that `tls` names can't be read or used
   */
  open(topic: TopicConfig, connections: number): BackendLease;
  /** The TLS options of a topic. Files are read once for each configuration that names them. @throws as {@link open} */
  tlsOf(topic: TopicConfig): BackendTls;
  /** Ends all calls that are under way, as `closed`, and all connections. */
  close(): Promise<void>;
}

/** A backend that somebody uses. */
export interface BackendLease {
  readonly backend: Backend;
  /** Is the same for what is the same backend, over the same connections. */
  readonly id: string;
  /** Nothing more is sent: with the last of its users the connections end, as soon as no answer is on its way. Once. */
  release(): void;
}

interface OpenPool {
  readonly backend: Backend;
  /** Ends connections as they become idle. */
  finish(): Promise<void>;
  /** Ends all. */
  close(): Promise<void>;
}

/**
 * Opens pools as they are asked for.
 *
 * @example
 * const pools = createBackendPools();
 * const { backend, release } = pools.open(config.topics[0], 100);
 * backend.send(request, sink);
 * release();
 * await pools.close();
 */
export function createBackendPools(): BackendPools {
  const used = new Map<string, { readonly pool: OpenPool; users: number }>();
  const read = new WeakMap<TopicConfig, BackendTls>();
  const tlsOf = (topic: TopicConfig): BackendTls => {
    const known = read.get(topic) ?? tlsOptions(topic);
    read.set(topic, known);
    return known;
  };
  /** Those that nobody uses, while answers come. */
  const finishing = new Set<OpenPool>();
  const release = (id: string): void => {
    const entry = used.get(id);
    if (entry === undefined || --entry.users > 0) return;
    used.delete(id);
    finishing.add(entry.pool);
    void entry.pool.finish().finally(() => finishing.delete(entry.pool));
  };
  return {
    tlsOf,
    open(topic, connections) {
      const tls = tlsOf(topic);
      const id = idOf(topic, tls, connections);
      const entry = used.get(id) ?? { pool: openPool(topic, tls, connections), users: 0 };
      used.set(id, entry);
      entry.users++;
      let released = false;
      return {
        id,
        backend: entry.pool.backend,
        release() {
          if (!released) release(id);
          released = true;
        },
      };
    },
    async close() {
      const pools = [...[...used.values()].map(({ pool }) => pool), ...finishing];
      await Promise.all(pools.map((pool) => pool.close()));
    },
  };
}

function idOf(topic: TopicConfig, { ca, cert, key }: BackendTls, connections: number): string {
  const { backend_url, tls = null, keep_alive_timeout, max_connection_age } = topic;
  const files = createHash('sha256');
  // Files of the same names may be others.
  for (const file of [ca, cert, key]) files.update(`${file?.length ?? 0} `).update(file ?? '');
  const ages = [keep_alive_timeout, max_connection_age];
  return JSON.stringify([new URL(backend_url).origin, tls, files.digest('hex'), ...ages, connections]);
}

function openPool(topic: TopicConfig, tls: BackendTls, connections: number): OpenPool {
  const origin = new URL(topic.backend_url);
  const keepAliveMs = topic.keep_alive_timeout * 1000;
  const connect = buildConnector({ ...tls, timeout: CONNECT_TIMEOUT_MS });
  const serverName = tls.servername ?? (isIP(withoutBrackets(origin.hostname)) ? '' : origin.hostname);
  const claim = createSocketClaim();
  const age = createConnectionAge(topic.max_connection_age * 1000);
  const pool = new Pool(origin.origin, {
    connections,
    // undici's way to say: a connection each.
    pipelining: keepAliveMs > 0 ? 1 : 0,
    maxHeaderSize: MAX_HEADER_BYTES,
    // undici takes its turn of the event loop before it uses an idle one: a close that has come by then is seen.
    ...(keepAliveMs > 0 && { keepAliveTimeout: keepAliveMs, keepAliveMaxTimeout: keepAliveMs }),
    keepAliveTimeoutThreshold: KEEP_ALIVE_MARGIN_MS,
    headersTimeout: 0,
    bodyTimeout: 0,
    // The name to expect is the configuration's, whatever Host a request has.
    connect: (options, callback) =>
      connect({ ...options, servername: serverName }, (...[error, socket]) => {
        if (error !== null) return callback(error, null);
        keepAnswer(socket);
        skipContinue(socket);
        holdEnd(socket);
        claim.watch(socket);
        age.watch(socket);
        callback(null, socket);
      }),
  });
  const plain = plainBackend({ origin, tls, maxHeaderBytes: MAX_HEADER_BYTES });
  const pooled = undiciBackend(pool, origin.hostname, { claim, age });
  const backend: Backend = {
    send: (request, sink) => (isBeyondUndici(request) ? plain : pooled).send(request, sink),
  };
  return {
    backend,
    async finish() {
      await Promise.all([pool.close(), plain.whenIdle()]);
    },
    async close() {
      plain.close();
      await pool.destroy();
    },
  };
}
