import { OTLPExporterBase } from '@opentelemetry/otlp-exporter-base';
import { convertLegacyHttpOptions, createOtlpHttpExportDelegate } from '@opentelemetry/otlp-exporter-base/node-http';
import {
  type IExportTraceServiceResponse,
  type ISerializer,
  JsonTraceSerializer,
  ProtobufTraceSerializer,
  TraceExporterMetricsHelper,
} from '@opentelemetry/otlp-transformer';
import { ConsoleSpanExporter, type ReadableSpan, type SpanExporter } from '@opentelemetry/sdk-trace-base';
import type { Facts } from '../port/span.js';
import { exportRequests } from '../protobuf/export-request.js';
import type { Environment, Warn } from './environment.js';
import type { Home, RecordedSpan } from './recorded-span.js';

/**
 * The exporter that OTEL_TRACES_EXPORTER names; `otlp` where it names none. Endpoint, headers, TLS, compression and
 * timeout are read from OTEL_EXPORTER_OTLP_* by the SDK (https://opentelemetry.io/docs/specs/otel/protocol/exporter/).
 *
 * @returns null where it is one that there is not
 */
export function exporterOf(environment: Environment, home: Home, warn: Warn): SpanExporter | null {
  const name = environment.OTEL_TRACES_EXPORTER?.trim() || 'otlp';
  if (name === 'console') return new ConsoleSpanExporter();
  if (name === 'otlp') return otlp(environment, home, warn);
  warn(`OTEL_TRACES_EXPORTER: otlp, console or none was expected, "${name}" was found; no traces are made`);
  return null;
}

function otlp(environment: Environment, home: Home, warn: Warn): SpanExporter {
  const protocol = protocolOf(environment, warn);
  const serializer = protocol === 'http/json' ? JsonTraceSerializer : protobuf(home);
  const contentType = protocol === 'http/json' ? 'application/json' : 'application/x-protobuf';
  const options = convertLegacyHttpOptions({}, 'TRACES', 'v1/traces', { 'Content-Type': contentType });
  const delegate = createOtlpHttpExportDelegate(
    options,
    serializer,
    'otlp_http_span_exporter',
    TraceExporterMetricsHelper,
    undefined,
  );
  return new OTLPExporterBase(delegate);
}

function protocolOf(environment: Environment, warn: Warn): 'http/protobuf' | 'http/json' {
  for (const variable of ['OTEL_EXPORTER_OTLP_TRACES_PROTOCOL', 'OTEL_EXPORTER_OTLP_PROTOCOL']) {
    const text = environment[variable]?.trim();
    if (text === undefined || text === '') continue;
    if (text === 'http/json' || text === 'http/protobuf') return text;
    warn(`${variable}: http/protobuf or http/json was expected, "${text}" was found; http/protobuf is used`);
    break;
  }
  return 'http/protobuf';
}

/** Ours for what goes out, which is nearly all of what an export costs; the SDK's for the answer. */
function protobuf({ resource, scope }: Home): ISerializer<ReadableSpan[], IExportTraceServiceResponse> {
  const facts = Object.entries(resource.attributes).flatMap(([name, value]) =>
    value === undefined ? [] : [name, value],
  );
  const encode = exportRequests({ resource: facts as Facts, scope, schemaUrl: scope.schemaUrl });
  return {
    serializeRequest: (spans) => encode(spans as RecordedSpan[]),
    deserializeResponse: (bytes) => ProtobufTraceSerializer.deserializeResponse(bytes),
  };
}
