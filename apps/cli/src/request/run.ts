import { narrow } from '@kafka-http-proxy/proxy';
import { connectionOf } from '../connection/connection.js';
import type { Host } from '../operator/host.js';
import { proxyFor } from './destination.js';
import type { RequestFlags } from './flags.js';
import { sendMany } from './many.js';
import { messageOf } from './message/make-message.js';
import { openSession } from './session.js';
import { sendOne } from './single.js';

/** Carries `request` out. @returns the exit code @throws CommandFailure, ConfigError */
export async function runRequest(target: string, flags: RequestFlags, host: Host): Promise<number> {
  const connection = await connectionOf(flags, host);
  const config = proxyFor(connection, flags);
  const message = await messageOf(target, flags, host, `localhost:${config.port}`);
  const narrowed = narrow(config, message);
  const session = await openSession(connection, narrowed, host);
  try {
    if (flags.count !== undefined) return await sendMany(message, session, flags, host);
    return await sendOne(message, session, flags, narrowed.to?.timeoutMs ?? 0, host);
  } finally {
    await session.close();
  }
}
