import type { Backend } from '../backend/backend.js';
import { type BackendRequest, isStreamed } from '../backend/backend-request.js';
import type { Cancellation } from '../retry/cancellation.js';
import type { Attempt } from './attempt.js';
import { Gatherer, type GatherOptions } from './gatherer.js';

export interface ReceiveOptions extends GatherOptions {
  /**
   * Longest wait for the whole answer, or until it starts to stream, ms. It starts again with each progress of a
   * request body that comes in parts.
   */
  readonly timeoutMs: number;
  /** Tells when nobody wants the answer any more. */
  readonly cancellation?: Pick<Cancellation, 'onCancel'>;
}

/** Sends a request and gathers the answer, within a size and a time; or until it streams. Never rejects. */
export function receive(backend: Backend, request: BackendRequest, options: ReceiveOptions): Promise<Attempt> {
  const { clock, timeoutMs } = options;
  return new Promise((resolve) => {
    const gatherer = new Gatherer(request.method, options, (attempt) => {
      cancelTimer();
      forget?.();
      if (ENDS_CALL.has(attempt.kind)) call.abort();
      resolve(attempt);
    });
    const onTime = () => {
      // An upload that gets on is not late.
      const progressMs = isStreamed(request.body) ? request.body.progressMs : 0;
      const leftMs = progressMs + timeoutMs - clock.now();
      if (progressMs > 0 && leftMs > 0) cancelTimer = clock.after(leftMs, onTime);
      else
        gatherer.settle({
          kind: 'timeout',
          sent: call.sent,
          starved: isStreamed(request.body) && request.body.starved,
        });
    };
    let cancelTimer = clock.after(timeoutMs, onTime);
    const call = backend.send(request, gatherer);
    gatherer.call = call;
    const forget = options.cancellation?.onCancel?.(() => gatherer.settle({ kind: 'cancelled' }));
  });
}

/** Of these the backend is not to go on. */
const ENDS_CALL: ReadonlySet<Attempt['kind']> = new Set(['timeout', 'too_large', 'no_room', 'cancelled']);
