import { shownId } from './correlation.js';
import type { HeaderList } from './header-list.js';

/**
 * Every failure the bridge itself can answer with, and the HTTP status of each.
 *
 * Codes are public interface: they appear in problem documents, in `khp` of a reply record, in
 * dead-letter records and as metric labels. The record is exhaustive, so a new code without a
 * status does not compile.
 */
export const STATUS_OF_CODE = {
  bad_request: 400,
  unauthenticated: 401,
  forbidden: 403,
  topic_not_allowed: 403,
  no_route: 404,
  request_timeout: 408,
  body_too_large: 413,
  expectation_failed: 417,
  rate_limited: 429,
  headers_too_large: 431,
  client_gone: 499,
  processing_failed: 500,
  not_supported: 501,
  backend_unreachable: 502,
  reply_too_large: 502,
  processor_lost: 502,
  auth_unavailable: 503,
  overloaded: 503,
  kafka_unavailable: 503,
  backend_unhealthy: 503,
  shutting_down: 503,
  timeout: 504,
  backend_timeout: 504,
  loop_detected: 508,
} as const satisfies Record<string, number>;

/** One of the public codes. */
export type ErrorCode = keyof typeof STATUS_OF_CODE;

/** All codes, for schemas and metric labels. */
export const ERROR_CODES = Object.keys(STATUS_OF_CODE) as [ErrorCode, ...ErrorCode[]];

/** True when `value` is one of {@link ERROR_CODES}. */
export function isErrorCode(value: unknown): value is ErrorCode {
  return typeof value === 'string' && Object.hasOwn(STATUS_OF_CODE, value);
}

const TITLES: Record<ErrorCode, string> = {
  bad_request: 'The request cannot be used',
  unauthenticated: 'The client has to say who it is',
  forbidden: 'The client may not do this',
  topic_not_allowed: 'The topic is not open to requests',
  no_route: 'Nothing is there for this request',
  request_timeout: 'The request did not arrive in time',
  body_too_large: 'The request body is too large',
  expectation_failed: 'The expectation cannot be met',
  rate_limited: 'The client sends more than it may',
  headers_too_large: 'The request headers are too large',
  client_gone: 'The client went away',
  processing_failed: 'The request could not be processed',
  not_supported: 'The request uses a feature that is not supported',
  backend_unreachable: 'The backend gave no usable response',
  reply_too_large: 'The reply of the backend is too large',
  processor_lost: 'The processor was lost before it replied',
  auth_unavailable: 'Nobody can be recognised yet',
  overloaded: 'Too many requests are pending',
  kafka_unavailable: 'Kafka cannot be reached',
  backend_unhealthy: 'The backend is unhealthy',
  shutting_down: 'The service is shutting down',
  timeout: 'No reply arrived in time',
  backend_timeout: 'The backend did not respond in time',
  loop_detected: 'The request came back to where it had been',
};

/** Where each code is described: a problem's `type` is this address and `#` and its code. */
export const ERROR_DOCS_URL = 'https://github.com/kafka-http-proxy/kafka-http-proxy/blob/main/docs/errors.md';

/** An RFC 9457 problem document with this project's two extension members. */
export interface Problem {
  /** Says what kind of problem it is; as an address it leads to the description of its code (RFC 9457 §3.1.1). */
  readonly type: `${typeof ERROR_DOCS_URL}#${ErrorCode}` | typeof QUOTA_EXCEEDED;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  readonly code: ErrorCode;
  readonly correlation_id?: string;
  /** Of `rate_limited`: names in RateLimit-Policy. */
  readonly 'violated-policies'?: readonly string[];
}

/** The type that clients know a limit by, whoever has it (draft-ietf-httpapi-ratelimit-headers-11, problem types). */
const QUOTA_EXCEEDED = 'https://iana.org/assignments/http-problem-types#quota-exceeded';

/** The media type of {@link Problem} (RFC 9457 §6.1). */
export const PROBLEM_CONTENT_TYPE = 'application/problem+json';

/**
 * Builds the problem document for a code.
 *
 * @param detail one sentence for the client: no stack, no addresses of the inside
 * @param correlationId whole; only its {@link shownId} is shown
 * @example
 * problem('timeout', 'No reply arrived in 30 s.', id).status; // 504
 */
export function problem(code: ErrorCode, detail: string, correlationId?: string): Problem {
  const isQuota = code === 'rate_limited';
  const base = {
    type: isQuota ? QUOTA_EXCEEDED : (`${ERROR_DOCS_URL}#${code}` as const),
    title: TITLES[code],
    status: STATUS_OF_CODE[code],
    detail,
    code,
    ...(isQuota && { 'violated-policies': ['default'] }),
  } as const;
  return correlationId === undefined ? base : { ...base, correlation_id: shownId(correlationId) };
}

/** Seconds a client should wait before it tries again, for the codes that carry Retry-After (RFC 9110 §10.2.3). */
export function retryAfterSeconds(code: ErrorCode): number | undefined {
  return STATUS_OF_CODE[code] === 503 ? 1 : undefined;
}

/**
 * A failure with a public code. `message` may be shown to the client; `cause` is for the log only.
 *
 * `fields` are header fields of the answer that say more of it, names and values in turn (WWW-Authenticate).
 */
export class BridgeError extends Error {
  override readonly name = 'BridgeError';
  readonly fields: HeaderList;

  constructor(
    readonly code: ErrorCode,
    message: string,
    options?: { cause?: unknown; fields?: HeaderList },
  ) {
    super(message, options);
    this.fields = options?.fields ?? NO_FIELDS;
  }

  get status(): number {
    return STATUS_OF_CODE[this.code];
  }
}

const NO_FIELDS: HeaderList = [];
