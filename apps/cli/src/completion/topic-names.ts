import { isInternalTopic, isLegalTopic, timeoutSignal } from '@kafka-http-proxy/protocol';
import { connectionOf, inspect } from '../connection/connection.js';
import type { ConnectionFlags } from '../connection/options.js';
import { topicUses } from '../connection/topic-uses.js';
import type { Host } from '../operator/host.js';

/** How long somebody who pressed Tab waits for brokers, ms. */
const PATIENCE_MS = 1500;

/**
 * Names of topics that could be meant: those of the configuration, and those of the brokers where they answer in time.
 * Nothing is said of what goes wrong: the line is half typed. Never rejects.
 */
export async function topicNames(flags: ConnectionFlags, host: Host): Promise<string[]> {
  const names = new Set<string>();
  try {
    const connection = await connectionOf(flags, host);
    for (const { name } of topicUses(connection.tiers)) names.add(name);
    const signal = AbortSignal.any([host.signal, timeoutSignal(PATIENCE_MS)]);
    const inspector = await inspect(connection, { ...host, signal });
    try {
      for (const name of (await inspector.cluster()).topics.keys()) names.add(name);
    } finally {
      await inspector.close();
    }
  } catch {
    // What there is by then is shown.
  }
  // A shell sees them: nothing but names.
  return [...names].filter((name) => isLegalTopic(name) && !isInternalTopic(name)).sort((a, b) => (a < b ? -1 : 1));
}
