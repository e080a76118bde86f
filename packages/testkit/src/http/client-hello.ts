import { once } from 'node:events';
import { connect } from 'node:net';

const u8 = (value: number) => Buffer.from([value]);
const u16 = (value: number) => Buffer.from([value >> 8, value & 255]);
const sized16 = (bytes: Buffer) => Buffer.concat([u16(bytes.length), bytes]);
const list16 = (values: readonly number[]) => sized16(Buffer.concat(values.map(u16)));
const extension = (type: number, bytes: Buffer) => Buffer.concat([u16(type), sized16(bytes)]);

/** The first record of a client that offers these cipher suites in TLS 1.2, with all curves and signatures (RFC 5246 §7.4.1.2). */
function clientHello(suites: readonly number[]): Buffer {
  const extensions = Buffer.concat([
    // supported_groups: secp256r1, secp384r1, x25519; signature_algorithms: of RSA and ECDSA, SHA-1 too.
    extension(10, list16([0x0017, 0x0018, 0x001d])),
    extension(11, Buffer.from([1, 0])),
    extension(13, list16([0x0403, 0x0503, 0x0804, 0x0401, 0x0501, 0x0201, 0x0203])),
  ]);
  const body = Buffer.concat([
    u16(0x0303),
    Buffer.alloc(32, 7),
    u8(0),
    list16(suites),
    Buffer.from([1, 0]),
    sized16(extensions),
  ]);
  const message = Buffer.concat([u8(1), u8(0), sized16(body)]);
  return Buffer.concat([u8(22), u16(0x0301), sized16(message)]);
}

/**
 * What a server says to a client that knows these cipher suites only: some that no OpenSSL of today speaks among them.
 *
 * @returns `alert <number>`, `hello` or what else came
 */
export async function offerSuites(port: number, suites: readonly number[]): Promise<string> {
  const socket = connect(port, '127.0.0.1');
  socket.write(clientHello(suites));
  const [bytes] = (await once(socket, 'data')) as [Buffer];
  socket.destroy();
  if (bytes[0] === 21) return `alert ${bytes[6]}`;
  return bytes[0] === 22 && bytes[5] === 2 ? 'hello' : bytes.toString('hex');
}
