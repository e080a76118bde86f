import { randomBytes } from 'node:crypto';
import { produceAll } from '../../kafka/probe.js';
import type { Check, Finding } from '../stage/check.js';
import { forged } from '../stage/records.js';
import { holds } from '../stage/sockets.js';
import type { Tenants } from '../stage/tenants.js';

/** Five bytes, as Content-Length says, and another request: 40 in all. */
const SMUGGLED = 'helloGET /inner HTTP/1.1\r\nHost: evil\r\n\r\n';

/** A record that no backend may see, and what of it would be seen there. */
interface Letter {
  /** Metadata; null: a record of version 1. */
  readonly khp: object | null;
  readonly value?: string;
  readonly forbidden: RegExp;
}

/** Point 4, the part that comes from Kafka. */
export const LETTER_CHECKS: readonly Check<Tenants>[] = [
  {
    id: '4-length',
    run: (arena) =>
      written(arena, {
        khp: { method: 'POST', target: '/outer', headers: ['Content-Length', '5'], more: true },
        value: SMUGGLED,
        forbidden: /GET \/inner/,
      }),
  },
  {
    id: '4-connect',
    run: (arena) =>
      written(arena, { khp: { method: 'CONNECT', target: '/tunnel', headers: [] }, forbidden: /CONNECT|\/tunnel/ }),
  },
  {
    id: '4-host',
    run: (arena) =>
      written(arena, { khp: { method: 'GET', target: '/host', headers: ['Host', 'a b@c/d'] }, forbidden: /a b@c/ }),
  },
  {
    id: '4-reply',
    run: (arena) => {
      const reply = { correlation_id: 'stranger', timestamp: 0, status_code: 200, headers: {}, body: 'x' };
      return written(arena, { khp: null, value: JSON.stringify(reply), forbidden: /GET \/ HTTP/ });
    },
  },
];

/** Writes a record to the attacker's topic, and looks whether the backend sees what it must not. */
async function written({ stack, bytes }: Tenants, { khp, value, forbidden }: Letter): Promise<Finding> {
  const topic = stack.requestTopic('bytes');
  const reply = [stack.responseTopic('bytes'), 0];
  const deadline = Date.now() + 2000;
  const seen = bytes.text().length;
  const got = () => forbidden.exec(bytes.text().slice(seen))?.[0];
  const hostile = forged(topic, 'stranger', { ...khp, reply, deadline }, value ?? null);
  const next = `/next-${randomBytes(4).toString('hex')}`;
  await produceAll(stack.broker, [
    khp === null ? { ...hostile, headers: [{ correlation_id: 'stranger' }] } : hostile,
    forged(topic, 'next', { method: 'GET', target: next, headers: [], reply }),
  ]);
  const goesOn = await holds(5000, () => bytes.text().includes(`GET ${next} `));
  // What is sent of the first may come after it.
  await holds(500, () => got() !== undefined);
  return {
    came: got() === undefined ? 'nothing of it at the backend' : `at the backend: ${got()}`,
    others: goesOn ? 'the next record of the topic ran' : 'the next record of the topic did not run',
    complaints: [
      ...(got() === undefined ? [] : [`the backend got ${got()}`]),
      ...(goesOn ? [] : ['the next record of the topic did not run in 5 s']),
    ],
  };
}
