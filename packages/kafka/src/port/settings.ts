/** What every client of a process has in common. */
export interface KafkaSettings {
  /** host:port, several separated by commas. */
  readonly bootstrapServers: string;
  /** Shown in the brokers' logs and quotas. */
  readonly clientId: string;
  /**
   * librdkafka properties of the operator; they win over ours. A client reads them when it is made, so what
   * `LinkWatch.change` puts here holds from the next one on: see `RecordProducer.renew`, `InboxReader.reconnect`.
   */
  readonly properties: Readonly<Record<string, string | number | boolean>>;
  /** Largest record to produce, bytes of value and headers. */
  readonly maxRecordBytes: number;
  readonly events: KafkaEvents;
}

/** What a client reports to its owner: for logs, metrics and readiness. None of them may throw. */
export interface KafkaEvents {
  /** An error of the client that no call answers for; `client` is producer, inbox_reader, request_consumer or admin. */
  error(client: string, error: KafkaClientError): void;
  /** A line of librdkafka's own log; `level` as syslog has it (3 error, 4 warning, 6 info, 7 debug). */
  log(client: string, level: number, message: string): void;
  /** A watchdog gave a client up and recreated it. */
  restarted(client: string, reason: string): void;
  /** Kafka let a consumer use its group, or refused that because an ACL is missing; reported at each attempt. */
  access?(group: string, allowed: boolean): void;
}

/** An error of librdkafka, in the words of its enum (`_ALL_BROKERS_DOWN`, `UNKNOWN_TOPIC_OR_PART`, …). */
export interface KafkaClientError {
  readonly code: number;
  readonly name: string;
  readonly message: string;
  readonly fatal: boolean;
  /** Of the record that could not be written. */
  readonly topic?: string;
}
