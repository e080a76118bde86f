import type { RequestEnvelope } from '@kafka-http-proxy/protocol';
import type { Pass } from '../attempts/breaker.js';
import type { Release } from '../dispatch/work.js';
import type { Asker } from '../publish/asker.js';
import type { Run, Taken } from '../publish/taken.js';
import type { Cancellation } from '../retry/cancellation.js';
import type { TracedRun } from '../spans/traced-run.js';
import type { Conversation } from '../streams/conversation.js';
import type { RunningRequest } from '../streams/running-requests.js';

/** A record that could be read: a request, and somebody who is to be answered. */
export interface TakenRequest extends Taken {
  readonly correlationId: string;
  readonly asker: Asker;
  readonly request: RequestEnvelope;
}

/** One turn of a request, with what it holds while it runs; its waits end when it is cancelled. */
export class RequestRun implements Run, Cancellation {
  asker: Asker;
  /** Set once something of it goes on in parts. */
  conversation: Conversation | null = null;
  /** Time spent in attempts at the backend, ms. */
  backendMs = 0;

  constructor(
    readonly taken: TakenRequest,
    readonly takenMs: number,
    readonly running: RunningRequest,
    /** Gives back what the turn holds. */
    readonly release: Release,
    /** Leave to go to the backend, where the topic's lane has a gate. */
    readonly pass: Pass | null,
    readonly traced: TracedRun | null = null,
  ) {
    this.asker = taken.asker;
  }

  onRevoke(cancel: () => void): () => void {
    return this.taken.assignment.onRevoke(cancel);
  }

  onCancel(cancel: () => void): () => void {
    return this.running.onCancel(cancel);
  }
}
