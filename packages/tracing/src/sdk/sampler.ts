import { ROOT_CONTEXT, SpanKind, TraceFlags, trace } from '@opentelemetry/api';
import {
  AlwaysOffSampler,
  AlwaysOnSampler,
  ParentBasedSampler,
  type Sampler,
  SamplingDecision,
  TraceIdRatioBasedSampler,
} from '@opentelemetry/sdk-trace-base';
import type { Environment, Warn } from './environment.js';

/** Whether a trace is recorded. @param parent whose trace it is; null at its beginning */
export type Sample = (
  traceId: string,
  parent: { readonly spanId: string; readonly sampled: boolean } | null,
) => boolean;

/**
 * The sampler that OTEL_TRACES_SAMPLER and OTEL_TRACES_SAMPLER_ARG name, asked with the trace id alone and before any
 * span is made (https://opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables/).
 */
export function samplerOf(environment: Environment, warn: Warn): Sample {
  const sampler = named(environment, warn);
  return (traceId, parent) => {
    let context = ROOT_CONTEXT;
    if (parent !== null) {
      const traceFlags = parent.sampled ? TraceFlags.SAMPLED : TraceFlags.NONE;
      context = trace.setSpanContext(ROOT_CONTEXT, { traceId, spanId: parent.spanId, traceFlags, isRemote: true });
    }
    const { decision } = sampler.shouldSample(context, traceId, '', SpanKind.SERVER, {}, []);
    return decision === SamplingDecision.RECORD_AND_SAMPLED;
  };
}

function named(environment: Environment, warn: Warn): Sampler {
  const name = environment.OTEL_TRACES_SAMPLER?.trim().toLowerCase() || 'parentbased_always_on';
  const [, parentBased, rootName = ''] = /^(parentbased_)?(.*)$/.exec(name) ?? [];
  const root = rootOf(rootName, environment, warn);
  if (root !== null) return parentBased === undefined ? root : new ParentBasedSampler({ root });
  const known = 'always_on, always_off, traceidratio, each also behind parentbased_';
  warn(`OTEL_TRACES_SAMPLER: one of ${known} was expected, "${name}" was found; parentbased_always_on is used`);
  return new ParentBasedSampler({ root: new AlwaysOnSampler() });
}

function rootOf(name: string, environment: Environment, warn: Warn): Sampler | null {
  switch (name) {
    case 'always_on':
      return new AlwaysOnSampler();
    case 'always_off':
      return new AlwaysOffSampler();
    case 'traceidratio':
      return new TraceIdRatioBasedSampler(ratioOf(environment.OTEL_TRACES_SAMPLER_ARG, warn));
    default:
      return null;
  }
}

function ratioOf(text: string | undefined, warn: Warn): number {
  const ratio = text === undefined || text.trim() === '' ? Number.NaN : Number(text);
  if (ratio >= 0 && ratio <= 1) return ratio;
  warn(`OTEL_TRACES_SAMPLER_ARG: a number of 0 to 1 was expected, "${text ?? ''}" was found; 1 is used`);
  return 1;
}
