/** Kinds of spans, as the OpenTelemetry specification names them. */
export const KINDS = ['UNSPECIFIED', 'INTERNAL', 'SERVER', 'CLIENT', 'PRODUCER', 'CONSUMER'] as const;
/** States of spans. */
export const STATUSES = ['UNSET', 'OK', 'ERROR'] as const;

/** The value of an attribute. Integers beyond 2^53 lose digits; bytes are base64. */
export type AttributeValue =
  | string
  | number
  | boolean
  | null
  | readonly AttributeValue[]
  | { readonly [name: string]: AttributeValue };
export type Attributes = Readonly<Record<string, AttributeValue>>;

/** Something that happened within a span. */
export interface ReceivedEvent {
  readonly name: string;
  /** Ns since the epoch. */
  readonly timeNs: bigint;
  readonly attributes: Attributes;
}

/** A span that another one belongs to, beside its parent. */
export interface ReceivedLink {
  readonly traceId: string;
  readonly spanId: string;
  readonly traceState: string;
  readonly attributes: Attributes;
}

/** A span as a collector got it, with what its message says about where it comes from. */
export interface ReceivedSpan {
  /** 32 lower-case hex digits. */
  readonly traceId: string;
  /** 16 lower-case hex digits. */
  readonly spanId: string;
  /** 16 lower-case hex digits; empty: it is a root. */
  readonly parentId: string;
  readonly traceState: string;
  /** The field `flags`: W3C trace flags in its lowest 8 bits. */
  readonly flags: number;
  readonly name: string;
  readonly kind: (typeof KINDS)[number];
  /** Ns since the epoch. */
  readonly startNs: bigint;
  readonly endNs: bigint;
  readonly attributes: Attributes;
  readonly events: readonly ReceivedEvent[];
  readonly links: readonly ReceivedLink[];
  readonly status: { readonly code: (typeof STATUSES)[number]; readonly message: string };
  /** Attributes of the resource, which is the process. */
  readonly resource: Attributes;
  readonly scope: { readonly name: string; readonly version: string };
  readonly schemaUrls: { readonly resource: string; readonly scope: string };
}
