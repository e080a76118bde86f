import { readFileSync } from 'node:fs';
import { isDeepStrictEqual } from 'node:util';
import type { JwtConfig, ProxyConfig } from '@kafka-http-proxy/protocol';
import type { Clock } from '@kafka-http-proxy/streams';
import type { Recognition } from './gate.js';
import type { IssuerKeys } from './identity/keys.js';
import type { Tokens } from './identity/tokens.js';

/** What is told of getting keys. */
export interface RecognitionEvents {
  /** An issuer was asked for its keys. @param trouble why it gave none; null where it did */
  readonly fetched: (trouble: string | null) => void;
}

/** All ways to recognise somebody, ready. */
export interface ReadyRecognition extends Recognition {
  notes(): string[];
  close(): void;
  /** Closes what is not part of another one as well. */
  closeUnless(other: ReadyRecognition): void;
  readonly issuer: Issuer | null;
}

/** An issuer, as long as its section of the configuration is the same. */
interface Issuer {
  readonly config: JwtConfig;
  readonly keys: IssuerKeys;
  readonly tokens: Tokens;
  /** Text of the file that the keys are from; null where they are fetched. */
  readonly text: string | null;
}

/** True for keys that are fetched, false for those of a file. */
export function isAddress(jwks: string): boolean {
  return /^https?:\/\//i.test(jwks);
}

/**
 * Gets what the configuration needs. What is the same as before is taken over: the keys that were had, and the tokens
 * that were found good.
 *
 * @param before null at the start, when an issuer that is away is waited for
 * @throws Error with a sentence
 */
export async function prepareRecognition(
  { auth }: Pick<ProxyConfig, 'auth'>,
  before: ReadyRecognition | null,
  events: RecognitionEvents,
  clock: Clock,
): Promise<ReadyRecognition> {
  const { jwt, api_keys: apiKeys, mtls } = auth;
  // What can be refused comes first: an issuer is asked for keys from then on.
  const whoHas = apiKeys === undefined ? null : await readKeys(apiKeys.file);
  const certificates =
    mtls === undefined ? null : (await import('./identity/certificates.js')).createCertificates(mtls);
  const issuer = jwt === undefined ? null : await issuerOf(jwt, before, events, clock);
  return {
    issuer,
    tokens: issuer && { judge: issuer.tokens.judge, forward: issuer.config.forward },
    apiKeys:
      apiKeys === undefined || whoHas === null
        ? null
        : { whoHas, name: apiKeys.header, lowerName: apiKeys.header.toLowerCase() },
    certificates,
    notes() {
      const trouble = issuer?.keys.trouble() ?? null;
      return trouble === null ? [] : [`no token can be judged: auth.jwt.jwks: ${trouble}`];
    },
    close: () => issuer?.keys.close(),
    closeUnless(other) {
      if (issuer !== null && other.issuer?.keys !== issuer.keys) issuer.keys.close();
    },
  };
}

async function issuerOf(
  config: JwtConfig,
  before: ReadyRecognition | null,
  events: RecognitionEvents,
  clock: Clock,
): Promise<Issuer> {
  const last = before?.issuer ?? null;
  const remote = isAddress(config.jwks);
  const text = remote ? null : readText('auth.jwt.jwks', config.jwks);
  if (last !== null && last.text === text && isDeepStrictEqual(last.config, config)) return last;
  // Only who asks for tokens pays for the cryptography.
  const [{ createTokens }, { createRemoteKeys, fixedKeys }, { fetchKeys, parseKeys }] = await Promise.all([
    import('./identity/tokens.js'),
    import('./identity/keys.js'),
    import('./identity/fetch-keys.js'),
  ]);
  const keysAnew = async (): Promise<IssuerKeys> => {
    if (text !== null) return fixedKeys(saying('auth.jwt.jwks', config.jwks, () => parseKeys(text)));
    const keys = createRemoteKeys({ fetch: () => fetchKeys(config.jwks), fetched: events.fetched, clock });
    if (before === null) return keys;
    // Those who are let in now are not to be locked out by a slip of the pen.
    await keys.asked;
    const trouble = keys.trouble();
    if (trouble === null) return keys;
    keys.close();
    throw new Error(`auth.jwt.jwks: ${config.jwks}: ${trouble}`);
  };
  const sameKeys = last !== null && remote && last.config.jwks === config.jwks;
  const keys = sameKeys ? last.keys : await keysAnew();
  return { config, keys, tokens: createTokens(config, keys), text };
}

async function readKeys(file: string) {
  const { readApiKeys } = await import('./identity/api-keys.js');
  return saying('auth.api_keys.file', file, () => readApiKeys(file));
}

function readText(key: string, file: string): string {
  return saying(key, file, () => readFileSync(file, 'utf8'));
}

/** Says of an error which key and which file it is about. */
function saying<T>(key: string, file: string, read: () => T): T {
  try {
    return read();
  } catch (cause) {
    throw new Error(`${key}: ${JSON.stringify(file)}: ${(cause as Error).message}`, { cause });
  }
}
