import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect } from 'node:tls';
import { createAuthority } from '@kafka-http-proxy/testkit';
import { createCpuMeter } from '../../harness/cpu-meter.js';
import { checked, measured, type Section } from '../../report/outcome.js';
import type { BenchRun } from '../measuring/bench-run.js';
import { cpuRatioOf, failedOf, figureOf, perSecond, ratioOf, totalCpuMs } from '../measuring/compare.js';
import { measureRounds } from '../measuring/measure.js';
import { PARTITIONS, SMALL } from '../measuring/pair.js';
import { openBridge, type Subject } from '../measuring/subject.js';

const CONNECTIONS = 64;
/** Handshakes under way at once, and in all. */
const AT_ONCE = 8;
const HANDSHAKES = 2000;

/** CPU time of both tiers where requests come by TLS on connections that stay, over plain HTTP; and of handshakes. */
export async function measureTls(run: BenchRun): Promise<Section> {
  const { context, backend } = run;
  const { env, profile, rounds, seconds, warmUpSeconds } = run.options;
  const directory = await mkdtemp(join(tmpdir(), 'khp-bench-tls-'));
  const authority = await createAuthority(directory, 'ca');
  const { certificate, key } = await authority.issue('proxy');
  const secured = { TLS_CERT: certificate, TLS_KEY: key };
  const open = (name: string, more: Readonly<Record<string, string>> = {}, ca?: string) =>
    openBridge(context, {
      backend,
      partitions: PARTITIONS,
      profile: profile && `${profile}-${name}`,
      env: { ...env, ...more },
      ca,
    });
  const plain = await open('plain');
  const tls = await open('tls', secured, authority.certificate);
  const subjects = { plain, tls };
  const load = (forSeconds: number) => ({ ...SMALL, connections: CONNECTIONS, seconds: forSeconds });
  try {
    await measureRounds(run, subjects, load(warmUpSeconds), { rounds: 1, doing: 'warming up' });
    const runs = await measureRounds(run, subjects, load(seconds), { rounds, doing: 'tls' });
    context.progress.say('handshakes');
    const { perSecond: handshakes, cpuMs } = await measureHandshakes(
      tls,
      await readFile(authority.certificate, 'utf8'),
    );
    const failed = failedOf(runs);
    const beside = { bridge: runs.tls, floor: runs.plain };
    return {
      title: `tls: ${CONNECTIONS} connections that stay, a key of P-256`,
      entries: [
        figureOf('plain: CPU per request', runs.plain, totalCpuMs, 'ms'),
        cpuRatioOf('TLS: CPU per request / plain', beside, null),
        ratioOf('TLS: CPU per request / plain, proxy', beside, ({ cpuMs: { proxy } }) => proxy ?? Number.NaN),
        ratioOf('TLS: throughput / plain', beside, perSecond),
        ratioOf('TLS: p50 / plain', beside, ({ p50Ms }) => p50Ms),
        measured('handshakes, client and proxy on one machine', handshakes, '/s'),
        measured('CPU of the proxy for a handshake', cpuMs, 'ms'),
        checked('all answered', failed === 0, `${failed} failed`),
      ],
      complaints: [plain, tls].flatMap((subject) => subject.complaints()),
    };
  } finally {
    await Promise.all([plain.close(), tls.close()]);
    await rm(directory, { recursive: true });
  }
}

/** Whole handshakes, none of which takes up a session, and nothing behind them. */
async function measureHandshakes({ origin, pids }: Subject, ca: string) {
  const port = Number(new URL(origin).port);
  const meter = createCpuMeter(new Map([['proxy', pids.get('proxy') ?? -1]]));
  const startedMs = performance.now();
  let left = HANDSHAKES;
  const shake = async (): Promise<void> => {
    while (left-- > 0) {
      await new Promise<void>((resolve, reject) => {
        const socket = connect({ port, host: '127.0.0.1', ca }, () => socket.end());
        socket.on('error', reject);
        socket.on('close', () => resolve());
        socket.resume();
      });
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, shake));
  const seconds = (performance.now() - startedMs) / 1000;
  const cpuMs = ((meter.used().get('proxy') ?? Number.NaN) * 1000) / HANDSHAKES;
  return { perSecond: HANDSHAKES / seconds, cpuMs };
}
