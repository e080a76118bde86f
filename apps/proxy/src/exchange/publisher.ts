import type { KafkaSendError, RecordProducer, SendFailure, WrittenAt } from '@kafka-http-proxy/kafka';
import {
  BridgeError,
  type ErrorCode,
  encodeRequest,
  MAX_METADATA_BYTES,
  metadataBytes,
  type RequestEnvelope,
  wireSize,
} from '@kafka-http-proxy/protocol';
import type { Destination } from '../destination.js';

/**
 * Publishes a request. `settled` is called once: with null when Kafka has the record, with an error
 * when it will not reach Kafka; it may be called before this returns. Never throws.
 */
export type Publish = (
  request: RequestEnvelope,
  to: Destination,
  settled: (error: BridgeError | null, at?: WrittenAt) => void,
) => void;

/** What a client is told for each way in which a record can fail to be written. */
const CODE_OF_FAILURE: Record<SendFailure, { code: ErrorCode; detail: string }> = {
  queue_full: { code: 'overloaded', detail: 'The queue towards Kafka is full.' },
  too_large: { code: 'body_too_large', detail: 'The request is larger than the record limit of the brokers.' },
  unknown_topic: { code: 'bad_request', detail: 'The request topic does not exist.' },
  not_authorized: { code: 'topic_not_allowed', detail: 'Kafka does not let this proxy write to the request topic.' },
  no_key: {
    code: 'bad_request',
    detail:
      'The request topic is compacted, so that each request needs a key (X-Kafka-Key, or key of a route); or Kafka finds the record invalid.',
  },
  timed_out: { code: 'kafka_unavailable', detail: 'Kafka did not acknowledge the request in time.' },
  unavailable: { code: 'kafka_unavailable', detail: 'Kafka did not take the request.' },
};

/** What a publisher needs. */
export interface PublisherDeps {
  /** Null while Kafka has not been reached yet. */
  producer(): Pick<RecordProducer, 'send'> | null;
  /** Kafka took a record for a topic that a header named. */
  wrote(topic: string): void;
  /** Largest record, bytes of value and headers. */
  readonly maxRecordBytes: number;
  /** Topics that the operator chose: that one of them or its ACL is missing is not the client's doing. */
  readonly isConfigured: (topic: string) => boolean;
}

/**
 * @example
 * const publish = createPublisher({ producer, wrote, maxRecordBytes: 1_000_000, isConfigured: (topic) => topic === 'orders' });
 * publish(envelope, destination, (error) => error && waiter.fail(error, envelope.correlationId));
 */
export function createPublisher({ producer, wrote, maxRecordBytes, isConfigured }: PublisherDeps): Publish {
  return (request, to, settled) => {
    let record: ReturnType<typeof encodeRequest>;
    try {
      record = encodeRequest(request);
    } catch (error) {
      settled(error instanceof BridgeError ? error : unexpected(error));
      return;
    }
    const described = metadataBytes(record);
    if (described > MAX_METADATA_BYTES) {
      const detail = `The request head takes ${described} bytes in a record; ${MAX_METADATA_BYTES} is the most.`;
      settled(new BridgeError('headers_too_large', detail));
      return;
    }
    const bytes = wireSize(record);
    if (bytes > maxRecordBytes) {
      settled(
        new BridgeError(
          'body_too_large',
          `The request makes a record of ${bytes} bytes; ${maxRecordBytes} is the most (kafka.max_record_bytes).`,
        ),
      );
      return;
    }
    const client = producer();
    if (client === null) {
      settled(new BridgeError('kafka_unavailable', 'Kafka cannot be reached at the moment.'));
      return;
    }
    client.send(
      {
        topic: to.requestTopic,
        partition: null,
        key: to.key,
        value: record.value,
        headers: record.headers,
        // Requests of a key keep their order, and so do the records of one request.
        unordered: to.key === null && !request.more,
        compression: to.compression,
      },
      (error, at) => {
        if (error !== null) {
          settled(translate(error, isConfigured(to.requestTopic)));
          return;
        }
        if (to.named) wrote(to.requestTopic);
        settled(null, at);
      },
    );
  };
}

/** What the operator has to mend where he chose the topic: no client asked for what is not there. */
const OPERATORS: ReadonlySet<SendFailure> = new Set(['not_authorized', 'unknown_topic']);

function translate(error: KafkaSendError, configured: boolean): BridgeError {
  const ours = configured && OPERATORS.has(error.failure);
  const { code, detail } = CODE_OF_FAILURE[ours ? 'unavailable' : error.failure];
  return new BridgeError(code, detail, { cause: error });
}

function unexpected(cause: unknown): BridgeError {
  return new BridgeError('processing_failed', 'The request could not be encoded.', { cause });
}
