import { setTimeout as sleep } from 'node:timers/promises';
import { parseTraceparent, type TraceContext } from '@kafka-http-proxy/protocol';
import { defaultResource, detectResources, envDetector, resourceFromAttributes } from '@opentelemetry/resources';
import type { Trace } from '../port/trace.js';
import type { Tracing } from '../port/tracing.js';
import type { Environment, Warn } from './environment.js';
import { sinkOf } from './exporter.js';
import { newSpanId, newTraceId } from './ids.js';
import { type Home, RecordedSpan } from './recorded-span.js';
import { type Sample, samplerOf } from './sampler.js';
import { wallClock } from './wall-clock.js';
import { hearSdk, lossWarnings, type TracingLogger } from './warnings.js';

/** Who traces. */
export interface SdkOptions {
  /** `service.name` where OTEL_SERVICE_NAME says nothing. */
  readonly serviceName: string;
  readonly version: string;
  readonly environment: Environment;
  readonly logger: TracingLogger;
}

/** The semantic conventions that names and attributes of spans follow: messaging is still in development there. */
const SCHEMA_URL = 'https://opentelemetry.io/schemas/1.44.0';

/** Starts the SDK. @returns null where the variables name no exporter that there is */
export function startSdk({ serviceName, version, environment, logger }: SdkOptions): Tracing | null {
  const warn: Warn = (sentence) => logger.warn({}, sentence);
  const home: Home = {
    resource: defaultResource()
      .merge(resourceFromAttributes({ 'service.name': serviceName, 'service.version': version }))
      .merge(detectResources({ detectors: [envDetector] })),
    scope: { name: 'kafka-http-proxy', version, schemaUrl: SCHEMA_URL },
  };
  const lost = lossWarnings(logger);
  hearSdk(lost);
  const sink = sinkOf(environment, home, warn, lost);
  if (sink === null) return null;
  const sample = samplerOf(environment, warn);
  return {
    now: wallClock,
    decide: (incoming, trusted) => decide(sample, incoming, trusted),
    begin: (trace, parentId, kind, name, startMs = wallClock()) =>
      new RecordedSpan(home, trace, newSpanId(), parentId, kind, name, startMs),
    end(span, endMs = wallClock()) {
      span.endMs = endMs;
      sink.onEnd(span);
    },
    async stop(graceMs) {
      const over = new AbortController();
      const late = sleep(graceMs, true, { signal: over.signal, ref: false }).catch(() => false);
      const sent = sink.shutdown().then(
        () => false,
        () => true,
      );
      if (await Promise.race([sent, late])) lost('the last ones were not taken before the end of the stop');
      over.abort();
    },
  };
}

function decide(sample: Sample, incoming: TraceContext | null, trusted: boolean): Trace {
  const parent = incoming === null ? null : parseTraceparent(incoming.traceparent);
  if (incoming === null || parent === null || !trusted) {
    const traceId = newTraceId();
    const sampled = sample(traceId, null);
    const onward = sampled ? null : ({ traceparent: `00-${traceId}-${newSpanId()}-00`, inHead: true } as const);
    return { traceId, parentId: '', sampled, state: undefined, link: parent, onward };
  }
  const { traceId, spanId } = parent;
  const sampled = sample(traceId, parent);
  const onward = sampled ? null : unsampled(incoming, parent);
  return { traceId, parentId: spanId, sampled, state: incoming.tracestate, link: null, onward };
}

/** The context as it came, with the flag of what is not sampled. */
function unsampled(
  incoming: TraceContext,
  { traceId, spanId, sampled }: NonNullable<ReturnType<typeof parseTraceparent>>,
): TraceContext {
  return sampled ? { ...incoming, traceparent: `00-${traceId}-${spanId}-00` } : incoming;
}
