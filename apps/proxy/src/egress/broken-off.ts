import { BridgeError, type ErrorCode, isErrorCode } from '@kafka-http-proxy/protocol';
import type { CutReason } from './egress-stream.js';

const SENTENCE: Readonly<Record<Exclude<CutReason, ErrorCode>, [code: ErrorCode, sentence: string]>> = {
  gap: ['processing_failed', 'A record of the reply is missing: the response was cut.'],
  overrun: ['processing_failed', 'More of the reply came than was granted: the response was cut.'],
  wrong_length: ['backend_unreachable', 'The reply is not as long as it said: the response was cut.'],
  client_idle: ['client_gone', 'The client took nothing of the reply for stream_idle_timeout: it was cut.'],
};

/** What is logged and counted of a response that was cut. */
export function brokenOff(reason: CutReason): BridgeError {
  if (isErrorCode(reason)) return new BridgeError(reason, 'The reply broke off: the response was cut.');
  const [code, sentence] = SENTENCE[reason];
  return new BridgeError(code, sentence);
}
