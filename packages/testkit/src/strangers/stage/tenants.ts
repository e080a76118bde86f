import { type ByteBackend, type HoldingBackend, startByteBackend, startHoldingBackend } from './backends.js';
import type { Arena, Ground } from './check.js';
import { openStack } from './stack.js';

/** Two tenants, each with a proxy and topics of his own, on one processor that lets nobody answer elsewhere. */
export interface Tenants extends Arena {
  readonly victim: HoldingBackend;
  readonly attacker: HoldingBackend;
  /** Of a topic of the attacker's too. */
  readonly bytes: ByteBackend;
}

/** What the victim's backend answers: its own path. */
export const mine = (target: string) => `mine:${target}`;
/** What the attacker's does. */
export const FORGED = 'forged';

/** Name of the topic of somebody who has nothing to do with either tier. */
export const SOMEBODYS = 'orders';

export async function openTenants({ kafka }: Ground): Promise<Tenants> {
  const victim = await startHoldingBackend(mine);
  const attacker = await startHoldingBackend(() => FORGED);
  attacker.release();
  const bytes = await startByteBackend();
  const stack = await openStack({
    kafka,
    container: null,
    topics: [
      { name: 'victim', backendUrl: victim.url, keys: { ordering: 'key' } },
      { name: 'attacker', backendUrl: attacker.url, keys: { preserve_host: true } },
      // Somebody's who shares the victim's response topic by configuration: only the ids keep them apart.
      { name: 'neighbour', backendUrl: attacker.url, repliesTo: 'victim' },
      { name: 'bytes', backendUrl: bytes.url, keys: { preserve_host: true } },
    ],
    proxies: [{ topic: 'victim' }, { topic: 'attacker' }],
    foreign: [SOMEBODYS],
    processorKeys: { allowed_response_topics: [] },
  });
  return {
    stack,
    victim,
    attacker,
    bytes,
    async close() {
      await stack.close();
      await Promise.all([victim.close(), attacker.close(), bytes.close()]);
    },
  };
}
