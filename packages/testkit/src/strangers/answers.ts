import { randomBytes } from 'node:crypto';
import { request as send } from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';
import type { KafkaRecord, OutgoingRecord } from '@kafka-http-proxy/kafka';
import { produceAll, readTopic } from '../kafka-probe.js';
import type { Check, Finding } from './check.js';
import { forged, guessNext, withGuessedSecret } from './records.js';
import { holds } from './sockets.js';
import { FORGED, mine, SOMEBODYS, type Tenants } from './tenants.js';

const FORGERIES = 1000;
/** Victims whose ids the attacker sees, and as many whose ids he can only guess from those. */
const VICTIMS = 20;
const UPLOADS = 3;
const UPLOAD_BYTES = 1_500_000;
/** Longer than a proxy goes without a canary of its own, ms. */
const CANARY_WATCH_MS = 11_000;

/** Point 1, and 3 (e), which is about topics of others too. */
export const ANSWER_CHECKS: readonly Check<Tenants>[] = [
  { id: '3e', alongside: true, limitMs: 60_000, run: canariesElsewhere },
  {
    id: '1-answers',
    run: (arena) =>
      forgeAnswers(arena, ({ stack }, id) =>
        forged(stack.requestTopic('attacker'), id, {
          method: 'GET',
          target: '/forged',
          headers: [],
          reply: [stack.responseTopic('victim'), 0],
        }),
      ),
  },
  {
    id: '1-direct',
    run: (arena) =>
      forgeAnswers(arena, ({ stack }, id) =>
        forged(stack.responseTopic('victim'), id, { status: 200, headers: [] }, FORGED),
      ),
  },
  { id: '1-uploads', run: claimUploads },
];

/** Has victims wait, sees their ids as a backend and a client do, and has records made of them. */
async function forgeAnswers(arena: Tenants, make: (arena: Tenants, id: string) => OutgoingRecord): Promise<Finding> {
  const { stack, victim, attacker } = arena;
  const port = stack.proxies[0]?.service.port as number;
  victim.hold();
  const waiting = Array.from({ length: 2 * VICTIMS }, (_, i) => ask(port, `/account/${i}`));
  if (!(await holds(10_000, () => victim.held.length === 2 * VICTIMS))) throw new Error('the victims did not get in');
  const told = JSON.parse((await ask(port, '/late', { 'x-kafka-timeout': '0.2' })).body) as { correlation_id: string };

  const seen = victim.held.slice(0, VICTIMS).map(({ id }) => id);
  const sure = [...seen, ...seen.map(withGuessedSecret)];
  const guessed = Array.from({ length: FORGERIES - sure.length }, (_, i) => {
    const back = i % 2 === 0 ? -1 : 1;
    return guessNext(i % 4 < 2 ? (seen[i % VICTIMS] as string) : told.correlation_id, back * (1 + Math.floor(i / 8)));
  });
  const handledBefore = await handled(arena);
  await produceAll(
    stack.broker,
    [...sure, ...guessed].map((id) => make(arena, id)),
  );
  // Those in the request topic are refused or run; those in the response topic are read before what comes after them.
  const viaProcessor = make(arena, 'x').topic === stack.requestTopic('attacker');
  if (viaProcessor) await holds(15_000, async () => (await handled(arena)) >= handledBefore + FORGERIES);
  await pause(300);

  victim.release();
  const answers = await Promise.all(waiting);
  const wrong = answers.filter(({ body }, i) => body !== mine(`/account/${i}`));
  const accepted = answers.filter(({ body }) => body === FORGED).length;
  const reached = viaProcessor ? attacker.seen.filter((line) => line === 'GET /forged').length : 0;
  return {
    came: `${accepted} of ${FORGERIES.toLocaleString('en')} forged answers accepted${viaProcessor ? `, ${reached} of the records run` : ''}`,
    others: `${answers.length - wrong.length} of ${answers.length} clients got their own answer`,
    complaints: wrong.length === 0 ? [] : [`${wrong.length} clients got another answer than their own`],
  };

  async function handled({ stack: { processor } }: Tenants): Promise<number> {
    const runs = attacker.seen.filter((line) => line === 'GET /forged').length;
    return runs + (await processor.service.metric('processor_poison_records_total'));
  }
}

/** Has uploads wait for their turn, and claims them by records of another topic with the ids as they are shown. */
async function claimUploads({ stack, victim, attacker }: Tenants): Promise<Finding> {
  const port = stack.proxies[0]?.service.port as number;
  victim.hold();
  // One key: the uploads' turn comes when the first request has been answered.
  const key = { 'x-kafka-key': 'one' };
  const first = ask(port, '/first', key);
  await holds(5000, () => victim.held.length === 1);
  const records: KafkaRecord[] = [];
  const reader = await readTopic(stack.broker, stack.requestTopic('victim'), (record) => {
    if (text(record, 'khp').includes('"more":true')) records.push(record);
  });
  const got = victim.bodyBytes();
  const had = attacker.bodyBytes();
  const bodies = Array.from({ length: UPLOADS }, () => randomBytes(UPLOAD_BYTES));
  const uploads = bodies.map((body, i) => ask(port, `/upload/${i}`, key, body));
  try {
    if (!(await holds(5000, () => records.length === UPLOADS))) throw new Error('the uploads did not get in');
    const ids = records.map((record) => shown(text(record, 'correlation_id')));
    const claims = ids.flatMap((id) => [id, withGuessedSecret(id)]);
    const khp = {
      method: 'POST',
      target: '/steal',
      headers: [],
      reply: [stack.responseTopic('victim'), 0],
      more: true,
      deadline: Date.now() + 20_000,
    };
    await produceAll(
      stack.broker,
      claims.map((id) => forged(stack.requestTopic('attacker'), id, khp, 'x')),
    );
    await pause(2000);
    victim.release();
    await first;
    const answers = await Promise.all(uploads);
    const own = attacker.seen.filter((line) => line === 'POST /steal').length;
    const stolen = attacker.bodyBytes() - had - own;
    const answered = answers.filter(({ body }, i) => body === mine(`/upload/${i}`)).length;
    const went = victim.bodyBytes() - got;
    return {
      came: `${stolen.toLocaleString('en')} bytes of uploads at the wrong backend`,
      others: `${answered} of ${UPLOADS} uploads answered by their own backend, which got ${went.toLocaleString('en')} of ${(UPLOADS * UPLOAD_BYTES).toLocaleString('en')} bytes`,
      complaints: [
        ...(stolen > 0
          ? [`${stolen.toLocaleString('en')} bytes of somebody else’s body went to the attacker’s backend`]
          : []),
        ...(answered < UPLOADS || went < UPLOADS * UPLOAD_BYTES
          ? ['not all uploads got to their own backend whole']
          : []),
      ],
    };
  } finally {
    await reader.close();
  }
}

/** Names somebody's topic for a reply, once, and counts what is written there afterwards. */
async function canariesElsewhere({ stack }: Tenants): Promise<Finding> {
  const port = stack.proxies[1]?.service.port as number;
  const topic = stack.foreignTopic(SOMEBODYS);
  const ids: string[] = [];
  const reader = await readTopic(stack.broker, topic, (record) => ids.push(text(record, 'correlation_id')));
  try {
    const answer = await ask(port, '/', { 'x-kafka-reply-topic': topic, 'x-kafka-timeout': '2' });
    await pause(CANARY_WATCH_MS);
    const canaries = ids.filter((id) => id.startsWith('canary-')).length;
    return {
      came: `${canaries} canaries in it in ${CANARY_WATCH_MS / 1000} s`,
      others: `${ids.length} records of ours in all (the request got ${answer.status})`,
      complaints: canaries > 0 ? [`${canaries} canaries were written to a topic that only a header named`] : [],
    };
  } finally {
    await reader.close();
  }
}

/** The part of an id that anybody is shown; all of it where it has no secret part. */
function shown(id: string): string {
  return id.split('.')[0] as string;
}

function text({ headers }: KafkaRecord, name: string): string {
  return (
    headers
      .map((header) => header[name])
      .find((value) => value !== undefined)
      ?.toString() ?? ''
  );
}

interface Answer {
  readonly status: number;
  readonly body: string;
}

/** Asks on a connection of its own; what can't be had is status 0. */
function ask(port: number, path: string, headers: Record<string, string> = {}, body?: Buffer): Promise<Answer> {
  return new Promise((resolve) => {
    const method = body === undefined ? 'GET' : 'POST';
    const request = send({ host: '127.0.0.1', port, path, method, headers, agent: false }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('end', () => resolve({ status: response.statusCode ?? 0, body: Buffer.concat(chunks).toString() }));
      response.on('error', (error) => resolve({ status: 0, body: error.message }));
    });
    request.on('error', (error) => resolve({ status: 0, body: error.message }));
    request.end(body);
  });
}
