import type { Server as HttpServer } from 'node:http';
import type { Socket } from 'node:net';
import { createFloodGuard, type FloodGuard, type WarnLog } from '../log/flood-guard.js';
import { type HandshakeFailure, SENTENCES } from './handshake-failures.js';
import { readTlsFiles } from './tls-files.js';
import { createTlsFront, type TlsFront } from './tls-front.js';
import type { TlsMaterial, TlsSection } from './tls-material.js';
import { tlsSettings } from './tls-settings.js';
import { materialWarnings } from './tls-warnings.js';

/** Which clients come to a port. */
export interface TlsPort {
  /** False: nobody is asked for a certificate. Probes and Prometheus have none. */
  readonly asksClients: boolean;
  /** Most handshakes under way at once; asked for each. */
  readonly mostHandshakes?: (() => number) | undefined;
  /** As {@link TlsFrontOptions.probeAfterMs}. */
  readonly probeAfterMs?: number | undefined;
}

/** The certificate of a process, and the ports that it is for. */
export interface TlsEndpoint {
  /** Puts TLS in front of a server. */
  front(server: HttpServer, port: TlsPort): TlsFront;
  /**
   * Reads the files again.
   *
   * @returns has the handshakes from then on go by them
   * @throws Error with a sentence, when they can't be used; what is in use stays
   */
  prepare(next: TlsSection): () => void;
  /** When the certificate in use ends, s since the epoch. */
  expirySeconds(): number;
  /** Says what of the log was left out, and warns no more. */
  close(): void;
}

export interface TlsEndpointOptions {
  readonly logger: WarnLog;
  /** A handshake failed. */
  readonly failed?: ((why: HandshakeFailure) => void) | undefined;
  /** ms since the epoch. */
  readonly now?: () => number;
}

/** How often is said again that a certificate is about to end, ms. */
const REMIND_MS = 24 * 60 * 60 * 1000;

/** More are hardly under way at once where nobody is in the way: a handshake takes milliseconds. */
const MOST_HANDSHAKES = 1000;

/**
 * Reads the certificate of a process, and warns where it is about to end: now, at each change, and once a day.
 *
 * @throws Error with a sentence, when the files can't be used
 * @example
 * const tls = createTlsEndpoint(config.tls, { logger });
 * const listening = await listen(server, { host, port, key: 'port', tls: { endpoint: tls, asksClients: true } });
 */
export function createTlsEndpoint(first: TlsSection, options: TlsEndpointOptions): TlsEndpoint {
  const { logger, failed, now = Date.now } = options;
  const flood: FloodGuard = createFloodGuard(logger);
  let config = first;
  let material = readTlsFiles(config, now());
  const fronts: { readonly front: TlsFront; readonly asksClients: boolean }[] = [];

  const warn = (of: TlsSection, read: TlsMaterial) => {
    for (const warning of materialWarnings(of, read, now())) logger.warn({}, warning);
  };
  warn(config, material);
  const reminder = setInterval(() => warn(config, material), REMIND_MS).unref();

  const tell = (why: HandshakeFailure, { remoteAddress }: Socket, error: Error | null) => {
    failed?.(why);
    const sentence = SENTENCES[why];
    if (sentence === null) return;
    const code = (error as NodeJS.ErrnoException | null)?.code;
    flood.warn(`tls_${why}`, { client: remoteAddress, ...(code !== undefined && { code }) }, sentence);
  };
  return {
    front(server, { asksClients, mostHandshakes = () => MOST_HANDSHAKES, probeAfterMs }) {
      const front = createTlsFront(server, {
        settings: tlsSettings(config, material, asksClients),
        mostHandshakes: () => Math.min(mostHandshakes(), MOST_HANDSHAKES),
        failed: tell,
        probeAfterMs,
      });
      fronts.push({ front, asksClients });
      return front;
    },
    prepare(next) {
      const read = readTlsFiles(next, now());
      const changes = fronts.map(({ front, asksClients }) => front.prepare(tlsSettings(next, read, asksClients)));
      return () => {
        config = next;
        material = read;
        warn(config, material);
        for (const change of changes) change();
      };
    },
    expirySeconds: () => Math.min(...material.chain.map(({ validTo }) => Date.parse(validTo))) / 1000,
    close() {
      clearInterval(reminder);
      flood.flush();
    },
  };
}
