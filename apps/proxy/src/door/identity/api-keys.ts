import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { isPrincipal, scopes as scopeList } from '@kafka-http-proxy/protocol';
import { parse } from 'yaml';
import { z } from 'zod';
import { BadCredentials, type Identity } from './identity.js';

/** Finds who has a key. @throws {BadCredentials} where nobody has it */
export type ApiKeys = (key: string) => Identity;

const HASH = 'the SHA-256 of a key: 64 hexadecimal digits';
const hash = z.string(HASH).regex(/^[0-9a-fA-F]{64}$/, HASH);
const hashes = z.union([hash.transform((one) => [one]), z.array(hash, HASH).min(1, HASH)], HASH);
const ENTRY = `${HASH}, or a section of sha256 and scopes`;
const entry = z.union(
  [
    hash.transform((one) => ({ sha256: [one], scopes: [] as string[] })),
    z.strictObject({ sha256: hashes, scopes: scopeList.default([]) }, ENTRY),
  ],
  ENTRY,
);
const NAMES = 'a map: the name of who has a key, and its SHA-256';
const file = z.record(z.string().refine(isPrincipal, 'a name of at most 500 characters'), entry, NAMES);

/** Longest key that is looked up, characters: a hash of more would be work for nothing. */
const MAX_KEY = 1024;

/**
 * Reads who has which key.
 *
 * @param path of a YAML or JSON file: `name: <sha256>`, or `name: {sha256: <one or a list>, scopes: [...]}`
 * @throws Error with a sentence that repeats nothing of the file but names
 *
 * @example
 * const whoHas = readApiKeys('/etc/kafka-proxy/keys.yaml');
 * whoHas(key).principal; // shop@api_key
 */
export function readApiKeys(path: string): ApiKeys {
  const entries = parseFile(path);
  const owners = new Map<string, Identity>();
  for (const [name, { sha256, scopes }] of Object.entries(entries)) {
    const identity: Identity = {
      method: 'api_key',
      principal: `${name}@api_key`,
      scopes: new Set(scopes),
      claims: [],
    };
    for (const one of sha256) {
      const other = owners.get(one.toLowerCase());
      if (other !== undefined && other.principal !== identity.principal) {
        throw new Error(`${JSON.stringify(name)} has the key of ${other.principal}: each key is to be of one`);
      }
      owners.set(one.toLowerCase(), identity);
    }
  }
  // Only keys that are good get in here: there are no more than the file has.
  const known = new Map<string, Identity>();
  return (key) => {
    const before = known.get(key);
    if (before !== undefined) return before;
    // A field's characters are bytes.
    const owner =
      key.length <= MAX_KEY ? owners.get(createHash('sha256').update(key, 'latin1').digest('hex')) : undefined;
    if (owner === undefined) throw new BadCredentials('The key is not known.');
    known.set(key, owner);
    return owner;
  };
}

function parseFile(path: string): z.infer<typeof file> {
  let values: unknown;
  try {
    values = parse(readFileSync(path, 'utf8'));
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    throw new Error(code?.startsWith('E') === true ? `it cannot be read (${code})` : 'it is neither YAML nor JSON', {
      cause,
    });
  }
  const result = file.safeParse(values);
  if (result.success) return result.data;
  const [first] = result.error.issues;
  const where = first?.path[0];
  throw new Error(`${where === undefined ? '' : `at ${JSON.stringify(where)} `}${first?.message} was expected`);
}
