import {
  encodeRequest,
  type HeaderList,
  LONGEST_ID,
  type ReplyAddress,
  type RequestEnvelope,
  type TraceContext,
  wireSize,
} from '@kafka-http-proxy/protocol';
import type { TracedRequest } from './exchange-spans.js';

/** What of a request is known before its body. */
export interface OutboundHead {
  readonly method: string;
  readonly target: string;
  readonly headers: HeaderList;
  readonly client: string | null;
  /** Whom the door recognised. */
  readonly principal?: string | undefined;
  readonly trace: TraceContext | null;
}

/** A request, ready to be sent: whole, or as much of it as its record holds. */
export interface OutboundRequest {
  readonly head: OutboundHead;
  readonly body: Buffer | null;
  /** Fields behind a whole body; null when there are none. */
  readonly trailers: HeaderList | null;
  /** Called once, when Kafka has the record or never will. */
  readonly published?: (() => void) | undefined;
  /** Left out where tracing is off: then what came goes on as it came. */
  readonly traced?: TracedRequest | null | undefined;
}

/** What an exchange adds to a request. */
export interface EnvelopeFields extends Pick<RequestEnvelope, 'version' | 'correlationId' | 'deadlineMs'> {
  /** Where its reply is to be sent. */
  readonly address: ReplyAddress;
  /** Where the rest of its body can be asked for; null: there is none. */
  readonly control: string | null;
  readonly trace: TraceContext | null;
  /** Whether the reply is to say where the time went. */
  readonly timing: boolean;
}

/** The envelope of a request. */
export function envelopeOf(
  { head, body, trailers }: Pick<OutboundRequest, 'head' | 'body' | 'trailers'>,
  { version, correlationId, deadlineMs, address, control, trace, timing }: EnvelopeFields,
): RequestEnvelope {
  return {
    version,
    correlationId,
    method: head.method,
    target: head.target,
    headers: head.headers,
    client: head.client,
    principal: head.principal,
    deadlineMs,
    reply: address,
    trace,
    body,
    trailers,
    more: control !== null,
    control: control ?? undefined,
    timing: timing || undefined,
  };
}

/** What the record of a head alone takes at most, bytes. */
export function mostHeadBytes(
  head: OutboundHead,
  { responseTopic, control, deadlineMs }: { responseTopic: string; control: string; deadlineMs: number },
): number {
  const address = { topic: responseTopic, partition: 0x7fffffff };
  const fields = {
    version: 2,
    correlationId: LONGEST_ID,
    deadlineMs,
    address,
    control,
    timing: true,
    trace: mostContext(head.trace),
  } as const;
  return wireSize(encodeRequest(envelopeOf({ head, body: null, trailers: null }, fields)));
}

/** A context of our own is as long as any of version 00. */
function mostContext(received: TraceContext | null): TraceContext {
  if (received !== null && received.traceparent.length >= OWN.traceparent.length) return received;
  return received === null ? OWN : { ...received, ...OWN };
}

const OWN: TraceContext = { traceparent: '0'.repeat(55) };
