import { randomBytes } from 'node:crypto';
import { request as send } from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';
import type { KafkaRecord, OutgoingRecord } from '@kafka-http-proxy/kafka';
import { produceAll, readTopic } from '../../kafka/probe.js';
import type { Check, Finding } from '../stage/check.js';
import { forged, guessNext, withGuessedSecret } from '../stage/records.js';
import { holds } from '../stage/sockets.js';
import { FORGED, mine, SOMEBODYS, type Tenants } from '../stage/tenants.js';

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
  { id: '1-answers', run: (arena) => forgeAnswers(arena, requestBy(arena, 'attacker'), 'refused') },
  { id: '1-neighbour', run: (arena) => forgeAnswers(arena, requestBy(arena, 'neighbour'), 'run') },
  { id: '1-direct', run: (arena) => forgeAnswers(arena, replyTo(arena), 'read') },
  {
    id: '1-uploads',
    run: (arena) => claimUploads(arena, (id) => [takenUpBy(arena, 'attacker', id), takenUpBy(arena, 'neighbour', id)]),
  },
  { id: '1-claims', run: (arena) => claimUploads(arena, (id) => [claimOf(arena, id)]) },
];

type Make = (id: string) => OutgoingRecord;

/** A request in a topic that names the victim's reply address, for a backend that answers as the attacker likes. */
function requestBy({ stack }: Tenants, name: string): Make {
  const reply = [stack.responseTopic('victim'), 0];
  return (id) => forged(stack.requestTopic(name), id, { method: 'GET', target: '/forged', headers: [], reply });
}

/** A reply, written where the victim's proxy reads. */
function replyTo({ stack }: Tenants): Make {
  return (id) => forged(stack.responseTopic('victim'), id, { status: 200, headers: [] }, FORGED);
}

/**
 * Has victims wait, sees their ids as a backend and a client do, and has records made of them.
 *
 * @param expected what becomes of the records: the processor refuses them, or runs them; or only the proxy reads them
 */
async function forgeAnswers(arena: Tenants, make: Make, expected: 'refused' | 'run' | 'read'): Promise<Finding> {
  const { stack, victim } = arena;
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
  const refusedBefore = await refused(arena);
  const runsBefore = runs(arena);
  const handled = async () => runs(arena) - runsBefore + (await refused(arena)) - refusedBefore;
  await produceAll(stack.broker, [...sure, ...guessed].map(make));
  // Those in a response topic are read before the replies that come after them.
  if (expected !== 'read') await holds(15_000, async () => (await handled()) >= FORGERIES);
  await pause(300);

  victim.release();
  const answers = await Promise.all(waiting);
  const wrong = answers.filter(({ body }, i) => body !== mine(`/account/${i}`));
  const accepted = answers.filter(({ body }) => body === FORGED).length;
  const ran = runs(arena) - runsBefore;
  const counted = (await refused(arena)) - refusedBefore;
  const processed = expected === 'read' ? '' : `; the processor refused ${counted} and ran ${ran}`;
  return {
    came: `${accepted} of ${FORGERIES.toLocaleString('en')} forged answers accepted${processed}`,
    others: `${answers.length - wrong.length} of ${answers.length} clients got their own answer`,
    complaints: [
      ...(wrong.length === 0 ? [] : [`${wrong.length} clients got another answer than their own`]),
      ...(expected === 'refused' && counted < FORGERIES
        ? [`${FORGERIES - counted} records were not refused for their reply topic`]
        : []),
      ...(expected === 'run' && ran < FORGERIES ? [`only ${ran} of the records ran, so the rest shows nothing`] : []),
    ],
  };
}

/** Forged records that a backend was given. */
function runs({ attacker }: Tenants): number {
  return attacker.seen.filter((line) => line === 'GET /forged').length;
}

/** Records that name a reply topic that is not theirs. */
async function refused({ stack: { processor } }: Tenants): Promise<number> {
  return await processor.service.metric('processor_poison_records_total', { fault: 'reply_topic' });
}

/** The beginning of an upload with somebody's id: the processor that takes it up asks his proxy for the rest. */
function takenUpBy({ stack }: Tenants, name: string, id: string): OutgoingRecord {
  const reply = [stack.responseTopic('victim'), 0];
  const deadline = Date.now() + 20_000;
  const khp = { method: 'POST', target: '/steal', headers: [], reply, more: true, deadline };
  return forged(stack.requestTopic(name), id, khp, 'x');
}

/** What a processor says that has taken an upload up, written where the victim's proxy reads. */
function claimOf({ stack }: Tenants, id: string): OutgoingRecord {
  const claim = { credit: UPLOAD_BYTES, exec: 'stranger', inbox: [stack.foreignTopic('control'), 0] };
  return forged(stack.responseTopic('victim'), id, claim);
}

/** Has uploads wait for their turn, and claims them by records with the ids as they are shown. */
async function claimUploads(
  { stack, victim, attacker }: Tenants,
  claimsOf: (id: string) => OutgoingRecord[],
): Promise<Finding> {
  const port = stack.proxies[0]?.service.port as number;
  victim.hold();
  // One key: the uploads' turn comes when the first request has been answered.
  const key = { 'x-kafka-key': 'one' };
  const first = ask(port, '/first', key);
  await holds(5000, () => victim.held.length === 1);
  const path = `/upload/${randomBytes(4).toString('hex')}`;
  const records: KafkaRecord[] = [];
  const reader = await readTopic(stack.broker, stack.requestTopic('victim'), (record) => {
    if (text(record, 'khp').includes(path)) records.push(record);
  });
  const got = victim.bodyBytes();
  const had = attacker.bodyBytes();
  const bodies = Array.from({ length: UPLOADS }, () => randomBytes(UPLOAD_BYTES));
  const uploads = bodies.map((body, i) => ask(port, `${path}/${i}`, key, body));
  try {
    if (!(await holds(5000, () => records.length === UPLOADS))) throw new Error('the uploads did not get in');
    const ids = records.map((record) => shown(text(record, 'correlation_id')));
    const claims = ids.flatMap((id) => [id, withGuessedSecret(id)]);
    const ownBefore = attacker.seen.filter((line) => line === 'POST /steal').length;
    await produceAll(stack.broker, claims.flatMap(claimsOf));
    await pause(2000);
    victim.release();
    await first;
    const answers = await Promise.all(uploads);
    const own = attacker.seen.filter((line) => line === 'POST /steal').length - ownBefore;
    const stolen = attacker.bodyBytes() - had - own;
    const answered = answers.filter(({ body }, i) => body === mine(`${path}/${i}`)).length;
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
