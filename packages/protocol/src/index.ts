export { isPlainId } from './basics/plain-id.js';
export { isPrincipal } from './basics/principal.js';
export { Queue } from './basics/queue.js';
export { retryDelayMs } from './basics/retry-delay.js';
export { createStates, IllegalStep, type States, type Steps } from './basics/states.js';
export { timeoutSignal } from './basics/timeout-signal.js';
export { MAX_TIMER_MS } from './basics/timer.js';
export { TokenBucket, TokenRate } from './basics/token-bucket.js';
export { traceIdOf } from './basics/trace-id.js';
export { parseTraceparent, type Traceparent } from './basics/traceparent.js';
export { withoutBrackets } from './basics/without-brackets.js';
export { CANARY_PREFIX, CANARY_VALUE, canaryId } from './canary-id.js';
export {
  type ApiKeysConfig,
  AUTH_METHODS,
  type AuthConfig,
  type AuthMethod,
  type JwtConfig,
  type MtlsConfig,
  scopes,
} from './config/door/auth.js';
export { defaultRequirement } from './config/door/checks.js';
export type { CorsConfig } from './config/door/cors.js';
export type { RateLimitConfig } from './config/door/rate-limit.js';
export type { TlsConfig } from './config/door/tls.js';
export { type KafkaTopics, parseKafkaTopics, type TopicFields } from './config/kafka-topics.js';
export { kafkaConfig } from './config/keys/common.js';
export { type EnvironmentForm, type KeyFacts, key, keyFacts } from './config/keys/key.js';
export { type ProcessorConfig, processorConfig } from './config/processor.js';
export { type ProxyConfig, proxyConfig } from './config/proxy.js';
export { type RouteConfig, routeConfig } from './config/route.js';
export { type TopicConfig, topicConfig } from './config/topic.js';
export {
  type CorrelationIds,
  createCorrelationIds,
  LONGEST_ID,
  shownId,
} from './correlation.js';
export { isEncoded } from './envelope/encoded.js';
export {
  CORRELATION_HEADER,
  type ContinuationEnvelope,
  type Decoded,
  type EnvelopeError,
  type EnvelopeFault,
  hasRecordHeader,
  type Inbox,
  METADATA_HEADER,
  NO_SEQUENCE,
  type RecordHeaders,
  type ReplyAddress,
  type ReplyEnvelope,
  type RequestEnvelope,
  recordHeader,
  type Sequence,
  TIME_LEFT_FIELD,
  type TraceContext,
  type WireRecord,
} from './envelope/envelope.js';
export {
  headBytes,
  MAX_HEAD_LINES,
  MAX_METADATA_BYTES,
  MAX_REPLY_LINES,
  metadataBytes,
  oversized,
  queuedBytes,
} from './envelope/limits.js';
export { MAX_REPLAY_LENGTH, REPLAY_HEADER, replayedTraceOf } from './envelope/replayed-trace.js';
export {
  ContinuationMetadataV2,
  DeadLetterError,
  ReplyMetadataV2,
  ReplyV1,
  RequestMetadataV2,
  RequestV1,
} from './envelope/schema.js';
export { decodeReplyV1, decodeRequestV1, encodeReplyV1, encodeRequestV1 } from './envelope/v1.js';
export {
  decodeInboxV2,
  decodeReplyV2,
  decodeRequestV2,
  encodeContinuationV2,
  encodeReplyV2,
  encodeRequestV2,
  type InboxRecord,
} from './envelope/v2.js';
export { decodeInbox, decodeRequest, encodeReply, encodeRequest, wireSize } from './envelope/wire.js';
export {
  BridgeError,
  ERROR_CODES,
  ERROR_DOCS_URL,
  type ErrorCode,
  isErrorCode,
  PROBLEM_CONTENT_TYPE,
  type Problem,
  problem,
  retryAfterSeconds,
  STATUS_OF_CODE,
} from './errors.js';
export { announcedLength, isBodyless } from './framing.js';
export { endToEnd, type HeaderList, headerValue, isFieldValue, isHost, isToken } from './header-list.js';
export {
  decodeInquiry,
  decodeTopicState,
  encodeInquiry,
  encodeTopicState,
  type Inquiry,
  type TopicState,
} from './inquiry.js';
export { isIdempotent, isRepeatable, isSafe } from './methods.js';
export { clientRequestId, LOWER_REQUEST_ID, REQUEST_ID_FIELD, requestIdOf } from './request-id.js';
export { isHiddenTopic, isInternalTopic, isLegalTopic, marksTopic } from './topics.js';
export { passableTrailers } from './trailers.js';
export { createViaMarks, type ViaMarks } from './via.js';
