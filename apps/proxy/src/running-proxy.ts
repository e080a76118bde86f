import type { ProxyConfig } from '@kafka-http-proxy/protocol';
import type { ConfigChanges, ConfigStatus, Logger, LogWriter, StartLog } from '@kafka-http-proxy/service';
import type { Tracing } from '@kafka-http-proxy/tracing';
import type { Registry } from 'prom-client';

/** What a proxy gets of the process that it runs in. */
export interface ProxyContext {
  readonly logger: Logger;
  /** For the lines of a start; the logger when left out. */
  readonly startLog?: StartLog;
  readonly registry: Registry;
  /** What `/status` says about the configuration; when left out, that of the start. */
  readonly configStatus?: () => ConfigStatus;
  /** Null, or left out: no request is traced. */
  readonly tracing?: Tracing | null | undefined;
  /** Takes the lines of the access log; standard output when left out. */
  readonly output?: Pick<LogWriter, 'offer'> | undefined;
}

/** A proxy that listens. */
export interface RunningProxy {
  readonly port: number;
  /** The main port when management_port is 0. */
  readonly managementPort: number;
  /** Resolves when the first request can be taken; rejects when that cannot come to be. */
  readonly connected: Promise<void>;
  ready(): { ready: boolean; reasons: string[]; notes: string[] };
  /** Goes by another configuration; see `RunningService`. @throws Error with a sentence; then everything is as before */
  reload(next: ProxyConfig, changes: ConfigChanges): Promise<void>;
  /** Takes nothing more, answers what is pending, closes Kafka; within shutdown_grace. */
  stop(): Promise<void>;
}
