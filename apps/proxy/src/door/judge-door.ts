import { readFileSync } from 'node:fs';
import type { ProxyConfig } from '@kafka-http-proxy/protocol';
import { isAddress } from './recognition.js';

/** What is wrong with a file that the door needs, and at which key. */
export interface DoorMistake {
  readonly path: readonly string[];
  readonly sentence: string;
}

/** Looks at the files that the door needs: the issuer's keys, and the keys that were given out. */
export async function judgeDoor({ auth }: Pick<ProxyConfig, 'auth'>): Promise<DoorMistake[]> {
  const mistakes: DoorMistake[] = [];
  const look = (path: readonly string[], file: string, expected: string, read: () => unknown): void => {
    try {
      read();
    } catch (error) {
      const { code, message } = error as NodeJS.ErrnoException;
      const why = code?.startsWith('E') === true ? `it cannot be read (${code})` : message;
      mistakes.push({ path, sentence: `${expected} was expected, ${JSON.stringify(file)} was found: ${why}` });
    }
  };
  const { jwt, api_keys: apiKeys } = auth;
  if (jwt !== undefined && !isAddress(jwt.jwks)) {
    const { parseKeys } = await import('./identity/fetch-keys.js');
    look(['auth', 'jwt', 'jwks'], jwt.jwks, 'a file of public keys', () => parseKeys(readFileSync(jwt.jwks, 'utf8')));
  }
  if (apiKeys !== undefined) {
    const { readApiKeys } = await import('./identity/api-keys.js');
    look(['auth', 'api_keys', 'file'], apiKeys.file, 'a file of keys', () => readApiKeys(apiKeys.file));
  }
  return mistakes;
}
