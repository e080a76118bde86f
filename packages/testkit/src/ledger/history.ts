/*
 * What happened during a run, as each side saw it. All times are ms since the epoch, of one machine's
 * clock.
 */

/** What a request is for: how it travels, and what is known of its answer. */
export type Kind =
  /** GET, answered in one record. */
  | 'read'
  /** POST with a key: those of one key are sent one after the other. */
  | 'write'
  /** PUT whose body takes several records. */
  | 'upload'
  /** GET whose reply takes several records, made over time. */
  | 'download';

/** How a request ended for its client. */
export interface Outcome {
  readonly atMs: number;
  /** Of the response; null when there was none, or it was cut. */
  readonly status: number | null;
  /** The problem's code, or the code of the connection's failure; null for an answer of the backend. */
  readonly code: string | null;
  /** Whether the body is this request's own, whole and of one execution; null where there is none to judge. */
  readonly right: boolean | null;
}

/** A request that a client sent. */
export interface Sent {
  readonly id: string;
  readonly kind: Kind;
  /** Null: not ordered. */
  readonly key: string | null;
  /** Place among those of its key. */
  readonly place: number;
  readonly sentMs: number;
  /** One, if all is well. */
  readonly outcomes: Outcome[];
}

/** One call that the backend got. */
export interface Execution {
  readonly id: string;
  readonly startedMs: number;
  /** Null while it has not answered. */
  endedMs: number | null;
}

/** A record of the request topic. */
export interface Accepted {
  readonly id: string;
  readonly partition: number;
  readonly offset: number;
  /** The rest of its body goes elsewhere. */
  readonly more: boolean;
}

/** A record of the dead-letter topic. */
export interface Buried {
  readonly id: string;
  readonly code: string;
  readonly atMs: number;
}

/** What the processors' group said that it had finished, at some time. */
export interface Commit {
  readonly atMs: number;
  readonly partition: number;
  /** The next one to read. */
  readonly offset: number;
}

export interface History {
  readonly sent: readonly Sent[];
  readonly executions: readonly Execution[];
  readonly accepted: readonly Accepted[];
  readonly buried: readonly Buried[];
  readonly commits: readonly Commit[];
}
