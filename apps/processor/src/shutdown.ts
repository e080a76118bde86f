import { type Closer, within } from '@kafka-http-proxy/service';

/** How `shutdown_grace` is shared out. */
export interface ShutdownTimes {
  readonly graceMs: number;
  /** For running work, at a stop, ms. */
  readonly drainMs: number;
  /** How long running work may hold a partition that goes to another member, ms. */
  readonly revokeMs: number;
}

/** What is closed at a stop. */
export interface Stoppable {
  readonly flood: { flush(): void };
  readonly core: { readonly conversations: { drained(): Promise<void> }; close(): void };
  readonly link: { stopReading(): Promise<void>; close(graceMs: number): Promise<void> };
  readonly pools: { close(): Promise<void> };
  readonly probes: { stop(): void };
  /** Null, or left out: there is no TLS. */
  readonly tls?: { close(): void } | null;
  /** Null where there is none. */
  management(): { close(graceMs: number): Promise<void> } | null;
}

/** Part of shutdown_grace kept for flushing what was finished last, and for closing, ms. */
const RESERVE_MS = 2_000;
/** Longest that running work may hold a partition that goes to another member, ms. */
export const MAX_REVOKE_MS = 30_000;
/** Longest that open requests keep the management server, ms. */
const MANAGEMENT_MS = 1_000;

/** @param graceMs shutdown_grace, ms */
export function shutdownTimes(graceMs: number): ShutdownTimes {
  const drainMs = Math.max(graceMs - RESERVE_MS, graceMs / 2);
  return { graceMs, drainMs, revokeMs: Math.min(drainMs, MAX_REVOKE_MS) };
}

/**
 * Adds the steps of a stop. They run in reverse: the management server is almost the last, so that /ready and /metrics
 * show the drain.
 */
export function addStops(closer: Closer, parts: Stoppable, times: () => Pick<ShutdownTimes, 'drainMs'>): void {
  const { flood, core, link, pools, probes, tls } = parts;
  closer.add('the log', () => flood.flush());
  closer.add('TLS', () => tls?.close());
  closer.add('the management server', (leftMs) => parts.management()?.close(Math.min(leftMs, MANAGEMENT_MS)));
  closer.add('the core', () => core.close());
  closer.add('Kafka', (leftMs) => link.close(leftMs));
  // What still runs after the drain is ended, and left to the next owner of its partition.
  closer.add('the backends', () => pools.close());
  // Replies that stream hold no partition. They may end by themselves in what is left.
  closer.add('the streams', async (leftMs) => {
    await within(Math.max(leftMs - RESERVE_MS, 0), core.conversations.drained());
  });
  closer.add('the consumers', async () => {
    await within(times().drainMs, link.stopReading());
  });
  closer.add('the health probes', () => probes.stop());
}
