import type { KafkaRecord } from '@kafka-http-proxy/kafka';
import {
  createCorrelationIds,
  decodeInbox,
  type EnvelopeFault,
  type Inbox,
  oversized,
  type ReplyAddress,
} from '@kafka-http-proxy/protocol';
import type { Asker } from '../publish/reply.js';
import { Session, type SessionDeps } from './conversation.js';
import type { Execution, Executions } from './running-requests.js';

/** Executions that go on in parts, and the inbox that their proxies send to. */
export interface Sessions {
  /** False while there is no inbox: bodies are one record then. */
  available(): boolean;
  /** True when there was an inbox, so that one which is not there now will be again: its reader is being made anew. */
  wasAvailable(): boolean;
  /** Begins a session of a request of `topic`; null while there is no inbox. */
  open(asker: Asker, execution: Execution, topic: string): Session | null;
  /** Takes a record of the inbox. Anybody may write there: nothing here throws. */
  take(record: KafkaRecord): void;
  readonly size: number;
  /** Resolves when no session is left. */
  drained(): Promise<void>;
}

export interface SessionsOptions extends Omit<SessionDeps, 'closed'> {
  /** This process's partition of control_topic; undefined until it is read. */
  inbox(): ReplyAddress | undefined;
  readonly executions: Executions;
  malformed(fault: EnvelopeFault): void;
  /** Largest record that is taken, bytes. */
  readonly maxRecordBytes: number;
}

export function createSessions({ inbox, executions, malformed, maxRecordBytes, ...common }: SessionsOptions): Sessions {
  const ids = createCorrelationIds();
  const sessions = new Map<string, Session>();
  let waiting: (() => void)[] = [];
  const deps: SessionDeps = {
    ...common,
    closed(session) {
      sessions.delete(session.exec);
      if (sessions.size > 0) return;
      for (const resolve of waiting) resolve();
      waiting = [];
    },
  };
  const address = (): Inbox | null => {
    const found = inbox();
    return found === undefined || found.partition === null ? null : (found as Inbox);
  };
  let had = false;
  const isThere = () => {
    had ||= address() !== null;
    return address() !== null;
  };
  return {
    available: isThere,
    wasAvailable: () => had,
    open(asker, execution, topic) {
      const at = address();
      if (at === null) return null;
      const session = new Session(ids.next(), asker, topic, at, execution, deps);
      sessions.set(session.exec, session);
      return session;
    },
    take(record) {
      const large = oversized(record, maxRecordBytes);
      if (large !== null) {
        malformed(large.fault);
        return;
      }
      const read = decodeInbox(record);
      if (!read.ok) {
        malformed(read.error.fault);
        return;
      }
      // A reply has no business here.
      if (read.value.kind !== 'continuation') {
        malformed('malformed_metadata');
        return;
      }
      const { part } = read.value;
      const { exec, cancel } = part.sequence;
      if (exec !== null) sessions.get(exec)?.take(part);
      else if (cancel) executions.cancel(part.correlationId);
    },
    get size() {
      return sessions.size;
    },
    drained: () => (sessions.size === 0 ? Promise.resolve() : new Promise((resolve) => waiting.push(resolve))),
  };
}
