import { readFileSync } from 'node:fs';
import { isIP } from 'node:net';
import { type TopicConfig, withoutBrackets } from '@kafka-http-proxy/protocol';
import { buildConnector, Pool } from 'undici';
import type { Backend } from './backend.js';
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
  backendOf(topic: TopicConfig): Backend;
  /** Ends all calls that are under way, as `closed`, and all connections. */
  close(): Promise<void>;
}

/**
 * Opens a pool for each backend origin (topics that differ in TLS, or in how long connections live, have one each).
 *
 * @param connections most connections to one origin: as many as there can be requests at once
 * @throws when a file that `tls` names can't be read
 * @example
 * const pools = createBackendPools(config.topics, 100);
 * pools.backendOf(config.topics[0]).send(request, sink);
 * await pools.close();
 */
export function createBackendPools(topics: readonly TopicConfig[], connections: number): BackendPools {
  const pools = new Map<string, { backend: Backend; close(): Promise<void> }>();
  const idOf = ({ backend_url, tls, keep_alive_timeout, max_connection_age }: TopicConfig) =>
    JSON.stringify([new URL(backend_url).origin, tls ?? null, keep_alive_timeout, max_connection_age]);
  for (const topic of topics) {
    const id = idOf(topic);
    if (!pools.has(id)) pools.set(id, openPool(topic, connections));
  }
  return {
    backendOf(topic) {
      const pool = pools.get(idOf(topic));
      if (pool === undefined) throw new Error(`no pool for ${topic.request_topic}`);
      return pool.backend;
    },
    async close() {
      await Promise.all([...pools.values()].map((pool) => pool.close()));
    },
  };
}

function openPool(topic: TopicConfig, connections: number) {
  const origin = new URL(topic.backend_url);
  const tls = tlsOptions(topic);
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
    async close() {
      plain.close();
      await pool.destroy();
    },
  };
}

/** The TLS options of a topic, its files read. */
export interface BackendTls {
  readonly ca?: Buffer;
  readonly cert?: Buffer;
  readonly key?: Buffer;
  readonly servername?: string;
  readonly rejectUnauthorized?: boolean;
}

/** @throws when a file can't be read */
export function tlsOptions({ tls }: Pick<TopicConfig, 'tls'>): BackendTls {
  if (tls === undefined) return {};
  return {
    ...(tls.ca === undefined ? {} : { ca: readFileSync(tls.ca) }),
    ...(tls.cert === undefined ? {} : { cert: readFileSync(tls.cert) }),
    ...(tls.key === undefined ? {} : { key: readFileSync(tls.key) }),
    ...(tls.server_name === undefined ? {} : { servername: tls.server_name }),
    rejectUnauthorized: tls.reject_unauthorized,
  };
}
