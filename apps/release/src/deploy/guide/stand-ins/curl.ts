import { setTimeout as delay } from 'node:timers/promises';
import { refuse, type World } from './world.js';

/** A port-forward in the background may still be on its way. */
const TRIES = 100;
const RETRY_MS = 100;

/** Looks whether something before this answers on the port of each URL. */
export async function curl(args: readonly string[], world: World): Promise<void> {
  const urls = args.filter((arg) => /^https?:\/\//.test(arg));
  refuse(urls.length > 0 ? [] : ['no URL']);
  for (const url of urls) {
    const port = Number(new URL(url).port);
    for (let tries = 0; !world.isOpen(port); tries++) {
      refuse(tries < TRIES ? [] : [`nothing before this answers on port ${port}`]);
      await delay(RETRY_MS);
    }
  }
}
