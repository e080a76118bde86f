import { type Issuer, startIssuer } from '@kafka-http-proxy/testkit';
import { checked, type Entry, type Section } from '../../report/outcome.js';
import type { BenchRun } from '../measuring/bench-run.js';
import { atMost, cpuRatioOf, failedOf, figureOf, perSecond, ratioOf, totalCpuMs } from '../measuring/compare.js';
import { measureRounds, type Rounds } from '../measuring/measure.js';
import { PARTITIONS, SMALL } from '../measuring/pair.js';
import { openBridge, type Subject } from '../measuring/subject.js';

const CONNECTIONS = 64;
/** Seconds that the token of all requests is good for: longer than any run. */
const LIFETIME = 86_400;

/** Where nobody is asked who he is: silent, and with the token, which goes on to the backend then. */
type Floor = 'none' | 'none, shown a token';

const WAYS = [
  // What this bench sees where there is nothing to see.
  { name: 'none again', over: 'none', bound: null },
  // What issue 18 asks of a token that was seen before: of the same requests, and with all that showing one costs.
  { name: 'token', over: 'none, shown a token', bound: atMost(1.03) },
  { name: 'token', over: 'none', bound: atMost(1.03) },
] as const satisfies readonly { name: string; over: Floor; bound: unknown }[];
type Name = Floor | (typeof WAYS)[number]['name'];

/** CPU time of both tiers where each request shows the same token, beside tiers that ask nobody. */
export async function measureAuth(run: BenchRun): Promise<Section> {
  const { context, backend } = run;
  const { env, profile, rounds, seconds, warmUpSeconds } = run.options;
  const issuer = await startIssuer();
  const open = (name: string, more: Readonly<Record<string, string>> = {}) =>
    openBridge(context, {
      backend,
      partitions: PARTITIONS,
      profile: profile && `${profile}-${name}`,
      env: { ...env, ...more },
    });
  const none = await open('none');
  const again = await open('again');
  const guarded = await open('token', guardedEnv(issuer));
  const subjects: Record<Name, Subject> = {
    none,
    'none, shown a token': none,
    'none again': again,
    token: guarded,
  };
  const authorization = `Bearer ${await issuer.token({ exp: Math.floor(Date.now() / 1000) + LIFETIME })}`;
  const load = (forSeconds: number) => (name: Name) => ({
    ...SMALL,
    connections: CONNECTIONS,
    seconds: forSeconds,
    authorization: name === 'token' || name === 'none, shown a token' ? authorization : undefined,
  });
  try {
    await measureRounds(run, subjects, load(warmUpSeconds), { rounds: 1, doing: 'warming up' });
    const runs = await measureRounds(run, subjects, load(seconds), { rounds, doing: 'auth' });
    const failed = failedOf(runs);
    const refused = (await fetch(guarded.origin)).status;
    return {
      title: `auth: ${CONNECTIONS} connections`,
      entries: [
        figureOf('none: CPU per request', runs.none, totalCpuMs, 'ms'),
        ...WAYS.flatMap((way) => entriesOf(way, runs)),
        checked('who shows nothing is refused', refused === 401, String(refused)),
        checked('all answered', failed === 0, `${failed} failed`),
      ],
      complaints: [none, again, guarded].flatMap((subject) => subject.complaints()),
    };
  } finally {
    await Promise.all([none, again, guarded].map((subject) => subject.close()));
    await issuer.close();
  }
}

function entriesOf({ name, over, bound }: (typeof WAYS)[number], runs: Rounds<Name>): Entry[] {
  const beside = { bridge: runs[name], floor: runs[over] };
  return [
    cpuRatioOf(`${name}: CPU per request / ${over}`, beside, bound),
    ratioOf(`${name}: CPU per request / ${over}, proxy`, beside, ({ cpuMs }) => cpuMs.proxy ?? Number.NaN),
    ratioOf(`${name}: throughput / ${over}`, beside, perSecond),
    ratioOf(`${name}: p50 / ${over}`, beside, ({ p50Ms }) => p50Ms),
  ];
}

function guardedEnv({ name, audience, jwksUrl }: Issuer): Record<string, string> {
  return { AUTH_JWT_ISSUER: name, AUTH_JWT_AUDIENCE: audience, AUTH_JWT_JWKS: jwksUrl };
}
