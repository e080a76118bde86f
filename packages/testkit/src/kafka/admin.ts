import { pbkdf2Sync, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { connect } from 'node:net';

/*
 * ACLs and SCRAM users over Kafka's own protocol: the client library has no calls for them, and each
 * start of Kafka's tools takes seconds. https://kafka.apache.org/protocol
 */

const RESOURCE = { topic: 2, group: 3, cluster: 4 } as const;
const OPERATION = { Read: 3, Write: 4, Create: 5, Describe: 8 } as const;
const LITERAL = 3;
const PREFIXED = 4;
const ALLOW = 3;
/** KIP-554's number of SCRAM-SHA-512. */
const SCRAM_SHA_512 = 2;
const ITERATIONS = 4096;

/** What one principal may do with one resource, from any host. */
export interface Acl {
  /** `User:name`. */
  readonly principal: string;
  readonly operation: keyof typeof OPERATION;
  readonly resource: keyof typeof RESOURCE;
  readonly name: string;
  /** Whether `name` is only how names begin. */
  readonly prefixed?: boolean;
}

/** Allows these. @param address host:port of a listener on which nobody logs in. @throws {Error} with Kafka's answer */
export async function addAcls(address: string, acls: readonly Acl[]): Promise<void> {
  const entries = acls.map((acl) => [resource(acl), text(acl.principal), text('*'), operation(acl)]);
  await call(address, { key: 30, version: 1 }, Buffer.concat([int32(entries.length), ...entries.flat()]), 4);
}

/** Takes these away; what is not there stays away. @throws {Error} with Kafka's answer */
export async function removeAcls(address: string, acls: readonly Acl[]): Promise<void> {
  const filters = acls.map((acl) => [resource(acl), text(acl.principal), text('*'), operation(acl)]);
  await call(address, { key: 31, version: 1 }, Buffer.concat([int32(filters.length), ...filters.flat()]), 4);
}

/** Gives a user of SCRAM-SHA-512 a password, over an old one (RFC 5802, KIP-554). @throws {Error} with Kafka's answer */
export async function setScramPassword(address: string, user: string, password: string): Promise<void> {
  const salt = randomBytes(16);
  const salted = pbkdf2Sync(password, salt, ITERATIONS, 64, 'sha512');
  const upsertion = [
    compact(Buffer.from(user)),
    int8(SCRAM_SHA_512),
    int32(ITERATIONS),
    compact(salt),
    compact(salted),
  ];
  // No deletions (a compact array of none), one upsertion (length plus one), no tagged fields.
  const body = [int8(1), int8(2), ...upsertion, int8(0), int8(0)];
  const answer = await call(address, { key: 51, version: 0, flexible: true }, Buffer.concat(body));
  // Tagged fields of the header, throttle time, the array's length, then the user and his error.
  const code = answer.readInt16BE(1 + 4 + 1 + 1 + Buffer.byteLength(user));
  if (code !== 0) throw new Error(`setting the password of ${user}: Kafka's error ${code}`);
}

interface Api {
  readonly key: number;
  readonly version: number;
  /** KIP-482: the header ends with tagged fields. */
  readonly flexible?: boolean;
}

/**
 * Sends one request and resolves with the answer behind its correlation id.
 *
 * @param results where an array begins whose entries each start with an error code; looked at in part only
 */
async function call(address: string, { key, version, flexible }: Api, body: Buffer, results?: number): Promise<Buffer> {
  const [host = '', port] = address.split(':');
  const socket = connect(Number(port), host);
  try {
    await once(socket, 'connect');
    const head = [int16(key), int16(version), int32(1), text('testkit'), ...(flexible ? [int8(0)] : [])];
    const request = Buffer.concat([...head, body]);
    socket.write(Buffer.concat([int32(request.length), request]));
    let answer = Buffer.alloc(0);
    for await (const chunk of socket) {
      answer = Buffer.concat([answer, chunk as Buffer]);
      if (answer.length >= 4 && answer.length >= 4 + answer.readInt32BE(0)) break;
    }
    if (answer.length < 8) throw new Error(`Kafka closed the connection on request ${key} of version ${version}`);
    const rest = answer.subarray(8);
    if (results !== undefined) {
      const first = rest.readInt32BE(results) > 0 ? rest.readInt16BE(results + 4) : 0;
      if (first !== 0) throw new Error(`request ${key}: Kafka's error ${first}: ${rest.toString('latin1')}`);
    }
    return rest;
  } finally {
    socket.destroy();
  }
}

function resource({ resource: type, name, prefixed }: Acl): Buffer {
  return Buffer.concat([int8(RESOURCE[type]), text(name), int8(prefixed ? PREFIXED : LITERAL)]);
}

function operation({ operation: name }: Acl): Buffer {
  return Buffer.concat([int8(OPERATION[name]), int8(ALLOW)]);
}

function text(value: string): Buffer {
  const bytes = Buffer.from(value);
  return Buffer.concat([int16(bytes.length), bytes]);
}

/** A compact string or bytes: the length plus one as a varint, which is one byte for the lengths here. */
function compact(bytes: Buffer): Buffer {
  return Buffer.concat([int8(bytes.length + 1), bytes]);
}

function int8(value: number): Buffer {
  return Buffer.of(value);
}

function int16(value: number): Buffer {
  const bytes = Buffer.alloc(2);
  bytes.writeInt16BE(value);
  return bytes;
}

function int32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32BE(value);
  return bytes;
}
