import type { KafkaRecord } from '@kafka-http-proxy/kafka';
import {
  encodeRequest,
  type ProcessorConfig,
  processorConfig,
  type RequestEnvelope,
  type TopicConfig,
  topicConfig,
} from '@kafka-http-proxy/protocol';
import type { BackendRequest } from '../backend/backend-request.js';

/** A request as a proxy makes it. */
export function request(change: Partial<RequestEnvelope> = {}): RequestEnvelope {
  return {
    version: 2,
    correlationId: 'nonce123-1',
    method: 'GET',
    target: '/',
    headers: [],
    client: null,
    deadlineMs: null,
    reply: { topic: 'responses', partition: 3 },
    trace: null,
    body: null,
    trailers: null,
    more: false,
    ...change,
  };
}

/** A request as a record of the topic `requests`, partition 0. */
export function record(change: Partial<KafkaRecord> = {}, envelope: Partial<RequestEnvelope> = {}): KafkaRecord {
  const { value, headers } = encodeRequest(request(envelope));
  return {
    topic: 'requests',
    partition: 0,
    offset: 0,
    timestampMs: 1_000_000,
    key: null,
    value,
    headers: headers.map((header) =>
      Object.fromEntries(Object.entries(header).map(([name, text]) => [name, Buffer.from(text)])),
    ),
    ...change,
  };
}

/** What is sent to a backend: a plain GET, which may be repeated. */
export function backendRequest(change: Partial<BackendRequest> = {}): BackendRequest {
  return {
    method: 'GET',
    target: '/',
    host: null,
    headers: [],
    body: null,
    trailers: null,
    passable: (trailers) => trailers,
    repeatable: true,
    ...change,
  };
}

export function topic(change: Partial<(typeof topicConfig)['_zod']['input']> = {}): TopicConfig {
  return topicConfig.parse({
    request_topic: 'requests',
    response_topic: 'responses',
    backend_url: 'http://127.0.0.1:1',
    ...change,
  });
}

export function config(change: Partial<(typeof processorConfig)['_zod']['input']> = {}): ProcessorConfig {
  return processorConfig.parse({ topics: [topic()], host: '127.0.0.1', health_check_interval: 0, ...change });
}
