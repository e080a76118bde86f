import { subscribe } from 'node:diagnostics_channel';

/** How long one exchange took at each hop, ms. */
export interface Hops {
  /** From the proxy's publication to the processor's taking it up. */
  readonly requestMs: number;
  readonly backendMs: number;
  /** From the backend's answer to its arrival at the proxy. */
  readonly replyMs: number;
}

/** What the two tiers tell over node:diagnostics_channel, joined by correlation id. */
export function watchHops(): { last(): Hops | undefined } {
  let handled: { correlationId: string; queueMs: number; backendMs: number } | undefined;
  let replied: { correlationId: string; elapsedMs: number } | undefined;
  subscribe('khp:processor:handled', (message) => {
    handled = message as typeof handled;
  });
  subscribe('khp:proxy:replied', (message) => {
    replied = message as typeof replied;
  });
  return {
    last() {
      if (!handled || !replied || handled.correlationId !== replied.correlationId) return undefined;
      const requestMs = Math.max(0, handled.queueMs);
      const { backendMs } = handled;
      return { requestMs, backendMs, replyMs: Math.max(0, replied.elapsedMs - requestMs - backendMs) };
    },
  };
}
