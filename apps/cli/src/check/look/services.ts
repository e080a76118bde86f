import { got, type OptionsOfTextResponseBody } from 'got';

/** What a running service says of itself. */
export interface ServiceLook {
  /** Its tier and where it is, for sentences. */
  readonly name: string;
  /** Without a slash at its end. */
  readonly url: string;
  /** Why it did not answer. */
  readonly error: string | null;
  readonly ready: boolean;
  /** Text of a stranger. */
  readonly reasons: readonly string[];
  readonly notes: readonly string[];
  readonly version: string | null;
  /** How far its clock is ahead of ours, ms, by half a second or so; within that it is 0. */
  readonly skewMs: number | null;
}

const TIMEOUT_MS = 5000;
/** Metrics of a service with many topics are some hundred KB. */
const MAX_BYTES = 8 * 1024 * 1024;

/** Asks /ready, and /metrics for the version. Never rejects. @param given URL of the management server */
export async function lookAtService(tier: string, given: string): Promise<ServiceLook> {
  const url = given.replace(/\/+$/, '');
  const nothing = {
    name: `${tier} ${url}`,
    url,
    error: null,
    ready: false,
    reasons: [],
    notes: [],
    version: null,
    skewMs: null,
  };
  try {
    const startedAt = Date.now();
    const { statusCode, headers, body } = await ask(`${url}/ready`);
    const endedAt = Date.now();
    if (statusCode !== 200 && statusCode !== 503) {
      return { ...nothing, error: `it answered ${statusCode}: is this the management port of a ${tier}?` };
    }
    const told = parse(body);
    return {
      ...nothing,
      ready: statusCode === 200,
      reasons: texts(told.reasons),
      notes: texts(told.notes),
      version: await versionOf(url),
      skewMs: skewOf(headers.date, startedAt, endedAt),
    };
  } catch (error) {
    return { ...nothing, error: (error as Error).message };
  }
}

async function ask(url: string): Promise<{ statusCode: number; headers: { date?: string | undefined }; body: string }> {
  const tooLong = new AbortController();
  const options: OptionsOfTextResponseBody = {
    throwHttpErrors: false,
    followRedirect: false,
    retry: { limit: 0 },
    timeout: { request: TIMEOUT_MS },
    signal: tooLong.signal,
  };
  const asked = got(url, options);
  void asked.on('downloadProgress', ({ transferred }) => {
    if (transferred > MAX_BYTES) tooLong.abort();
  });
  return await asked;
}

async function versionOf(url: string): Promise<string | null> {
  const metrics = await ask(`${url}/metrics`).catch(() => null);
  return /^kafka_http_proxy_build_info\{.*?\bversion="([^"\n]{1,64})"/m.exec(metrics?.body ?? '')?.[1] ?? null;
}

/** Date is the second in which the answer was made (RFC 9110, section 6.6.1), somewhere between question and answer. */
function skewOf(date: string | undefined, startedAt: number, endedAt: number): number | null {
  const from = Date.parse(date ?? '');
  if (Number.isNaN(from)) return null;
  if (from > endedAt) return from - endedAt;
  const to = from + 1000;
  return to < startedAt ? to - startedAt : 0;
}

function parse(body: string): { readonly reasons?: unknown; readonly notes?: unknown } {
  try {
    return (JSON.parse(body) ?? {}) as object;
  } catch {
    return {};
  }
}

function texts(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((one) => typeof one === 'string') : [];
}
