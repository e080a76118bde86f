import { type Bridge, brokerEnv, startBridge } from '@kafka-http-proxy/testkit';
import { afterAll, beforeAll, beforeEach, inject } from 'vitest';
import { type Captured, runCaptured } from './captured-host.js';
import { type FallingBackend, startFallingBackend, well } from './falling-backend.js';

/** What {@link useReplayStage} has started; to be read in tests only. */
export interface ReplayStage {
  readonly backend: FallingBackend;
  readonly bridge: Bridge;
  /** Letters that were written so far, as the processor counts them. */
  letters(): Promise<number>;
  /** `dlq` with these words, without a terminal. */
  dlq(...words: string[]): Promise<Captured>;
  /** Any command, without a terminal. */
  run(...words: string[]): Promise<Captured>;
  /** `dlq replay` on a terminal, where this is typed. */
  typed(stdin: string): Promise<Captured>;
  /** What `dlq replay --dry-run` counts. */
  looked(): Promise<{ total: number; ready: number; not_sent: Record<string, number> }>;
  /** Sends a request by the proxy. @returns the id that its failure tells; null where there is none */
  send(method: string, path: string, headers?: Record<string, string>, body?: Buffer): Promise<string | null>;
  /** Makes letters of PUTs to these paths, of a backend that is gone and then there again. */
  fail(...paths: string[]): Promise<void>;
}

/** Starts a bridge, and a backend that can fall, for the suite that calls this. */
export function useReplayStage(): ReplayStage {
  const broker = inject('broker');
  let backend: FallingBackend;
  let bridge: Bridge;
  beforeAll(async () => {
    backend = await startFallingBackend();
    const topicKeys = { circuit_breaker: false, max_retries: 1, timeout: 20 };
    bridge = await startBridge({ broker, backendUrl: backend.url, topicKeys });
  });
  afterAll(async () => {
    await bridge?.close();
    await backend?.close();
  });
  beforeEach(() => {
    backend.answer = well;
  });

  const environment = () => ({
    ...brokerEnv(broker),
    NO_COLOR: '1',
    KAFKA_TOPICS: `x:${bridge.requestTopic},${bridge.responseTopic},${backend.url}`,
    DEAD_LETTER_TOPIC: bridge.deadLetterTopic,
    CONTROL_TOPIC: bridge.controlTopic,
    DEFAULT_REQUEST_TOPIC: bridge.requestTopic,
    DEFAULT_RESPONSE_TOPIC: bridge.responseTopic,
  });
  const stage: ReplayStage = {
    get backend() {
      return backend;
    },
    get bridge() {
      return bridge;
    },
    letters: () => bridge.processor.metric('processor_dead_letters_total'),
    dlq: (...words) => stage.run('dlq', ...words),
    run: (...words) => runCaptured(words, { environment: environment() }),
    typed: (stdin) => runCaptured(['dlq', 'replay'], { environment: environment(), terminal: true, stdin }),
    looked: async () => JSON.parse((await stage.dlq('replay', '--dry-run', '--json')).stdout),
    async send(method, path, headers = {}, body) {
      const response = await fetch(bridge.origin + path, { method, headers, ...(body && { body }) });
      const text = await response.text();
      return response.ok || text === '' ? null : (JSON.parse(text) as { correlation_id: string }).correlation_id;
    },
    async fail(...paths) {
      await backend.fall();
      for (const path of paths) await stage.send('PUT', path, {}, Buffer.from('x'));
      await backend.rise();
    },
  };
  return stage;
}

/** A line of `dlq replay --json`. */
export interface ReplayLine {
  readonly letter: string;
  readonly replays: number;
  readonly state: string;
  readonly status?: number;
  readonly code?: string;
}

/** What was printed by `--json`. */
export function linesOf({ stdout }: Captured): ReplayLine[] {
  return stdout
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as ReplayLine);
}
