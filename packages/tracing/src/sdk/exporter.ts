import type { ExportResult } from '@opentelemetry/core';
import { type IOtlpExportDelegate, OTLPExporterBase } from '@opentelemetry/otlp-exporter-base';
import { convertLegacyHttpOptions, createOtlpHttpExportDelegate } from '@opentelemetry/otlp-exporter-base/node-http';
import { type ISerializer, JsonTraceSerializer, ProtobufTraceSerializer } from '@opentelemetry/otlp-transformer';
import { BatchSpanProcessor, ConsoleSpanExporter, type ReadableSpan } from '@opentelemetry/sdk-trace-base';
import type { Facts, Span } from '../port/span.js';
import type { Environment, Warn } from './environment.js';
import type { Home, RecordedSpan } from './recorded-span.js';
import { batchLimits, SpanBatches, type SpanSink } from './span-batches.js';

/**
 * Where spans go by OTEL_TRACES_EXPORTER; `otlp` where it names nothing. Endpoint, headers, TLS, compression and
 * timeout are read from OTEL_EXPORTER_OTLP_* by the SDK (https://opentelemetry.io/docs/specs/otel/protocol/exporter/).
 *
 * @param lost hears of spans that could not be sent
 * @returns null where it names what there is not
 */
export function sinkOf(environment: Environment, home: Home, warn: Warn, lost: (why: string) => void): SpanSink | null {
  const name = environment.OTEL_TRACES_EXPORTER?.trim().toLowerCase() || 'otlp';
  if (name === 'console') return ofSdk(new BatchSpanProcessor(new ConsoleSpanExporter()));
  if (name !== 'otlp') {
    warn(`OTEL_TRACES_EXPORTER: otlp, console or none was expected, "${name}" was found; no traces are made`);
    return null;
  }
  if (protocolOf(environment, warn) === 'http/json') {
    const delegate = delegateOf(JsonTraceSerializer, 'application/json');
    return ofSdk(new BatchSpanProcessor(new OTLPExporterBase<ReadableSpan[]>(delegate)));
  }
  const delegate = delegateOf(AS_IT_IS, 'application/x-protobuf');
  const send = (body: Buffer, done: (result: ExportResult) => void) => delegate.export(body, done);
  return new SpanBatches(originOf(home), send, batchLimits(environment, warn), lost);
}

/** Our spans are read by the SDK as its own. */
function ofSdk(processor: BatchSpanProcessor): SpanSink {
  return {
    onEnd: (span: Span) => processor.onEnd(span as RecordedSpan),
    shutdown: () => processor.shutdown(),
  };
}

function delegateOf<T, R>(serializer: ISerializer<T, R>, contentType: string): IOtlpExportDelegate<T> {
  const options = convertLegacyHttpOptions({}, 'TRACES', 'v1/traces', { 'Content-Type': contentType });
  // For metrics of the SDK about itself, which are off.
  const uncounted = { name: 'span', countItems: () => 0 } as const;
  return createOtlpHttpExportDelegate(options, serializer, 'otlp_http_span_exporter', uncounted, undefined);
}

/** The body is there already; only the answer is the SDK's to read. */
const AS_IT_IS: ISerializer<Buffer, unknown> = {
  serializeRequest: (body) => body,
  deserializeResponse: (bytes) => ProtobufTraceSerializer.deserializeResponse(bytes),
};

function originOf({ resource, scope }: Home) {
  const facts = Object.entries(resource.attributes).flatMap(([name, value]) =>
    value === undefined ? [] : [name, value],
  );
  return { resource: facts as Facts, scope, schemaUrl: scope.schemaUrl };
}

function protocolOf(environment: Environment, warn: Warn): 'http/protobuf' | 'http/json' {
  for (const variable of ['OTEL_EXPORTER_OTLP_TRACES_PROTOCOL', 'OTEL_EXPORTER_OTLP_PROTOCOL']) {
    const text = environment[variable]?.trim().toLowerCase();
    if (text === undefined || text === '') continue;
    if (text === 'http/json' || text === 'http/protobuf') return text;
    warn(`${variable}: http/protobuf or http/json was expected, "${text}" was found; http/protobuf is used`);
    break;
  }
  return 'http/protobuf';
}
