import { channel } from 'node:diagnostics_channel';

/** A request that is about to be answered: for tools in this process that show where time goes. */
export interface Handled {
  /** The part of it that may be seen. */
  readonly correlationId: string;
  /** From writing the request record to taking it up, ms. */
  readonly queueMs: number;
  /** In attempts at the backend, ms. */
  readonly backendMs: number;
  readonly attempts: number;
  /** HTTP status of the reply. */
  readonly status: number;
}

/** Carries a {@link Handled} for each request, when somebody listens. */
export const HANDLED_CHANNEL = 'khp:processor:handled';

const handled = channel(HANDLED_CHANNEL);

/** Hands it to whoever listens; `describe` is not called when nobody does. */
export function publishHandled(describe: () => Handled): void {
  if (handled.hasSubscribers) handled.publish(describe());
}
