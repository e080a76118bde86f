import { afterEach, describe, expect, it, vi } from 'vitest';
import { openTracing, wantsTraces } from './open-tracing.js';
import type { Tracing } from './port/tracing.js';

const TRACEPARENT = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7';
const logger = { warn: vi.fn<(fields: object, sentence: string) => void>() };
let tracing: Tracing | null = null;
afterEach(async () => {
  await tracing?.stop(0);
  logger.warn.mockClear();
});

async function open(environment: Readonly<Record<string, string>>): Promise<Tracing | null> {
  tracing = await openTracing({ serviceName: 'tested', version: '1', environment, logger });
  return tracing;
}
const NOWHERE = { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:1' };

describe('traces are wanted', () => {
  it.each<[Record<string, string>, boolean]>([
    [{}, false],
    [{ OTEL_EXPORTER_OTLP_ENDPOINT: '' }, false],
    [{ OTEL_SERVICE_NAME: 'a', OTEL_TRACES_SAMPLER: 'always_on' }, false],
    [NOWHERE, true],
    [{ OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'http://a/v1/traces' }, true],
    [{ OTEL_TRACES_EXPORTER: 'otlp' }, true],
    [{ OTEL_TRACES_EXPORTER: 'console' }, true],
    [{ ...NOWHERE, OTEL_TRACES_EXPORTER: 'none' }, false],
    [{ ...NOWHERE, OTEL_SDK_DISABLED: 'TRUE' }, false],
    [{ ...NOWHERE, OTEL_SDK_DISABLED: 'false' }, true],
  ])('by %j: %s', (environment, wanted) => {
    expect(wantsTraces(environment)).toBe(wanted);
  });

  it('and not opened where they are not, or go where nothing is', async () => {
    expect(await open({})).toBeNull();
    expect(logger.warn).not.toHaveBeenCalled();
    expect(await open({ OTEL_TRACES_EXPORTER: 'zipkin' })).toBeNull();
    expect(logger.warn).toHaveBeenCalledWith({}, expect.stringContaining('"zipkin" was found'));
  });

  it('by http/protobuf where gRPC is asked for, which is told', async () => {
    expect(await open({ ...NOWHERE, OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc' })).not.toBeNull();
    expect(logger.warn).toHaveBeenCalledWith({}, expect.stringContaining('"grpc" was found; http/protobuf is used'));
  });
});

describe('what is decided of a request', () => {
  it('goes by the context that came with it', async () => {
    const { decide } = (await open(NOWHERE)) as Tracing;
    expect(decide({ traceparent: `${TRACEPARENT}-01`, tracestate: 'a=1' }, true)).toEqual({
      traceId: TRACEPARENT.slice(3, 35),
      parentId: TRACEPARENT.slice(36),
      sampled: true,
      state: 'a=1',
      link: null,
      onward: null,
    });
    const unsampled = { traceparent: `${TRACEPARENT}-00`, tracestate: 'a=1' };
    expect(decide(unsampled, true)).toMatchObject({ sampled: false, onward: unsampled });
  });

  it.each([null, { traceparent: 'x' }, { traceparent: `ff${TRACEPARENT.slice(2)}-01` }])(
    'begins a trace with %j',
    async (incoming) => {
      const { decide } = (await open(NOWHERE)) as Tracing;
      const trace = decide(incoming, true);
      expect(trace).toMatchObject({ parentId: '', sampled: true, link: null, onward: null });
      expect(trace.traceId).toMatch(/^[0-9a-f]{32}$/);
    },
  );

  it('links a context that is not trusted, and does not do as it says', async () => {
    const { decide } = (await open({ ...NOWHERE, OTEL_TRACES_SAMPLER: 'parentbased_always_off' })) as Tracing;
    const trace = decide({ traceparent: `${TRACEPARENT}-01` }, false);
    expect(trace).toMatchObject({ parentId: '', sampled: false, link: { spanId: TRACEPARENT.slice(36) } });
    expect(trace.onward).toMatchObject({ inHead: true });
    expect(trace.onward?.traceparent).toBe(`00-${trace.traceId}-${trace.onward?.traceparent.slice(36, 52)}-00`);
  });

  it('takes the flag from a context that the sampler leaves out', async () => {
    const { decide } = (await open({ ...NOWHERE, OTEL_TRACES_SAMPLER: 'always_off' })) as Tracing;
    const trace = decide({ traceparent: `${TRACEPARENT}-01`, tracestate: 'a=1' }, true);
    expect(trace.onward).toEqual({ traceparent: `${TRACEPARENT}-00`, tracestate: 'a=1' });
  });
});

it('the time of spans is that of the wall clock', async () => {
  const { now } = (await open(NOWHERE)) as Tracing;
  expect(Math.abs(now() - Date.now())).toBeLessThan(10);
});
