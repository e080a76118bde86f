import { traceRequest } from './schema.js';
import { type Attributes, type AttributeValue, KINDS, type ReceivedSpan, STATUSES } from './span.js';

/** An id: hex digits in JSON, bytes in protobuf. */
type Id = string | Uint8Array | undefined;

interface WireValue {
  readonly stringValue?: string;
  readonly boolValue?: boolean;
  /** Decimal digits, as JSON has 64-bit numbers. */
  readonly intValue?: string | number;
  readonly doubleValue?: number;
  readonly arrayValue?: { readonly values?: readonly WireValue[] };
  readonly kvlistValue?: { readonly values?: readonly WirePair[] };
  readonly bytesValue?: string | Uint8Array;
}

interface WirePair {
  readonly key: string;
  readonly value?: WireValue;
}

interface WireSpan {
  readonly traceId?: Id;
  readonly spanId?: Id;
  readonly parentSpanId?: Id;
  readonly traceState?: string;
  readonly flags?: number;
  readonly name?: string;
  readonly kind?: number;
  readonly startTimeUnixNano?: string | number;
  readonly endTimeUnixNano?: string | number;
  readonly attributes?: readonly WirePair[];
  readonly events?: readonly {
    readonly timeUnixNano?: string | number;
    readonly name?: string;
    readonly attributes?: readonly WirePair[];
  }[];
  readonly links?: readonly {
    readonly traceId?: Id;
    readonly spanId?: Id;
    readonly traceState?: string;
    readonly attributes?: readonly WirePair[];
  }[];
  readonly status?: { readonly message?: string; readonly code?: number };
}

interface WireRequest {
  readonly resourceSpans?: readonly {
    readonly resource?: { readonly attributes?: readonly WirePair[] };
    readonly schemaUrl?: string;
    readonly scopeSpans?: readonly {
      readonly scope?: { readonly name?: string; readonly version?: string };
      readonly schemaUrl?: string;
      readonly spans?: readonly WireSpan[];
    }[];
  }[];
}

/**
 * Spans of the body of a request to `/v1/traces`.
 *
 * @param contentType `application/json` or `application/x-protobuf` (OTLP 1.x, "OTLP/HTTP")
 * @throws Error when it can't be read, or holds what a collector must not take: ids of a wrong length, a span without
 * name, an unknown kind, an end before the start
 */
export function decodeSpans(contentType: string, body: Buffer): ReceivedSpan[] {
  const spans: ReceivedSpan[] = [];
  for (const { resource, schemaUrl = '', scopeSpans = [] } of requestOf(contentType, body).resourceSpans ?? []) {
    const process = attributesOf(resource?.attributes);
    for (const { scope, schemaUrl: scopeSchemaUrl = '', spans: wireSpans = [] } of scopeSpans) {
      const from = {
        resource: process,
        scope: { name: scope?.name ?? '', version: scope?.version ?? '' },
        schemaUrls: { resource: schemaUrl, scope: scopeSchemaUrl },
      };
      for (const span of wireSpans) spans.push({ ...spanOf(span), ...from });
    }
  }
  return spans;
}

function requestOf(contentType: string, body: Buffer): WireRequest {
  if (contentType.startsWith('application/json')) return JSON.parse(body.toString()) as WireRequest;
  if (!contentType.startsWith('application/x-protobuf')) {
    throw new Error(`content type ${contentType}: expected application/json or application/x-protobuf`);
  }
  // The shape that JSON has, apart from bytes: they stay bytes.
  return traceRequest.toObject(traceRequest.decode(body), { longs: String }) as WireRequest;
}

function spanOf(wire: WireSpan): Omit<ReceivedSpan, 'resource' | 'scope' | 'schemaUrls'> {
  const name = wire.name ?? '';
  if (name === '') throw new Error('a span has no name');
  const kind = KINDS[wire.kind ?? 0];
  if (kind === undefined) throw new Error(`span ${name}: ${wire.kind} is no kind`);
  const code = STATUSES[wire.status?.code ?? 0];
  if (code === undefined) throw new Error(`span ${name}: ${wire.status?.code} is no status`);
  const startNs = BigInt(wire.startTimeUnixNano ?? 0);
  const endNs = BigInt(wire.endTimeUnixNano ?? 0);
  if (startNs === 0n || endNs < startNs) throw new Error(`span ${name}: it starts at ${startNs} and ends at ${endNs}`);
  return {
    traceId: idOf(wire.traceId, 16, `span ${name}: its trace id`),
    spanId: idOf(wire.spanId, 8, `span ${name}: its id`),
    parentId: isEmpty(wire.parentSpanId) ? '' : idOf(wire.parentSpanId, 8, `span ${name}: the id of its parent`),
    traceState: wire.traceState ?? '',
    flags: wire.flags ?? 0,
    name,
    kind,
    startNs,
    endNs,
    attributes: attributesOf(wire.attributes),
    events: (wire.events ?? []).map((event) => ({
      name: event.name ?? '',
      timeNs: BigInt(event.timeUnixNano ?? 0),
      attributes: attributesOf(event.attributes),
    })),
    links: (wire.links ?? []).map((link) => ({
      traceId: idOf(link.traceId, 16, `span ${name}: the trace id of a link`),
      spanId: idOf(link.spanId, 8, `span ${name}: the span id of a link`),
      traceState: link.traceState ?? '',
      attributes: attributesOf(link.attributes),
    })),
    status: { code, message: wire.status?.message ?? '' },
  };
}

function isEmpty(id: Id): boolean {
  return id === undefined || id.length === 0;
}

function idOf(id: Id, bytes: number, what: string): string {
  const hex = typeof id === 'string' ? id : Buffer.from(id ?? []).toString('hex');
  // JSON may have upper case (OTLP, "JSON Protobuf Encoding").
  const lower = hex.toLowerCase();
  if (/^[0-9a-f]*$/.test(lower) && lower.length === 2 * bytes && /[^0]/.test(lower)) return lower;
  throw new Error(`${what} is ${JSON.stringify(hex)}: expected ${2 * bytes} hex digits, not all 0`);
}

function attributesOf(pairs: readonly WirePair[] = []): Attributes {
  const attributes: Record<string, AttributeValue> = {};
  for (const { key, value } of pairs) {
    if (key in attributes) throw new Error(`attribute ${key} is there twice`);
    attributes[key] = attributeValue(value);
  }
  return attributes;
}

function attributeValue(value: WireValue = {}): AttributeValue {
  if (value.intValue !== undefined) return Number(value.intValue);
  if (value.arrayValue !== undefined) return (value.arrayValue.values ?? []).map(attributeValue);
  if (value.kvlistValue !== undefined) return attributesOf(value.kvlistValue.values);
  const { bytesValue } = value;
  if (bytesValue !== undefined) {
    return typeof bytesValue === 'string' ? bytesValue : Buffer.from(bytesValue).toString('base64');
  }
  return value.stringValue ?? value.boolValue ?? value.doubleValue ?? null;
}
