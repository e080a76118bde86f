import { isToken } from '@kafka-http-proxy/protocol';
import { mistake } from '../../operator/exit.js';
import type { Host } from '../../operator/host.js';
import { type Data, type DataFlag, dataOf } from './data.js';
import { fieldsOf } from './fields.js';
import { parseTarget } from './target.js';

/** A request as it goes on the wire; texts are a character each byte. */
export interface Message {
  readonly method: string;
  readonly target: string;
  /** A flat list of names and values. */
  readonly headers: readonly string[];
  readonly body: Data | null;
}

/** What of the options makes a request. */
export interface MessageFlags {
  /** The method. */
  readonly request?: string;
  readonly head?: true;
  readonly header?: readonly string[];
  readonly data: readonly DataFlag[];
}

/**
 * Makes the request of what was typed.
 *
 * @param defaultHost for Host, where the target is a path
 * @throws CommandFailure
 */
export async function messageOf(
  typed: string,
  flags: MessageFlags,
  { stdin, version }: Pick<Host, 'stdin' | 'version'>,
  defaultHost: string,
): Promise<Message> {
  const { target, host } = parseTarget(typed);
  if (flags.request !== undefined && !isToken(flags.request))
    throw mistake(`-X: an HTTP method was expected, ${JSON.stringify(flags.request)} was found`);
  if (flags.head && flags.data.length > 0)
    throw mistake('-I: a HEAD request has no body; -d and -I exclude each other');
  const body = await dataOf(flags.data, stdin);
  const method = flags.request ?? (flags.head ? 'HEAD' : body === null ? 'GET' : 'POST');
  const headers = fieldsOf(flags.header ?? [], {
    host: host ?? defaultHost,
    userAgent: `kafka-http-proxy/${version}`,
    length: body?.length ?? null,
  });
  return { method, target, headers, body };
}
