import { connect, createServer, type Socket } from 'node:net';

/** A way to a broker that can make it look as one that has just started: its metadata names no broker at all. */
export interface ForgetfulRelay {
  /** From now on the metadata that passes names no broker, or those there are again. */
  forget(on: boolean): void;
  stop(): Promise<void>;
}

const METADATA = 3;
/** KIP-482: from here on strings and arrays are compact, and structures end with tagged fields. */
const FLEXIBLE = 9;

/** @param listen `host:port`; @param upstream `host:port` of the broker */
export async function startForgetfulRelay(listen: string, upstream: string): Promise<ForgetfulRelay> {
  const sockets = new Set<Socket>();
  let forgetting = false;
  const server = createServer((client) => {
    const [upHost = '', upPort] = upstream.split(':');
    const broker = connect(Number(upPort), upHost);
    /** Versions of the metadata requests that wait for their answer, by correlation id. */
    const asked = new Map<number, number>();
    for (const [one, other] of [
      [client, broker],
      [broker, client],
    ] as const) {
      sockets.add(one);
      one.on('error', () => other.destroy());
      one.on('close', () => {
        sockets.delete(one);
        other.destroy();
      });
    }
    eachFrame(client, (frame) => {
      if (frame.readInt16BE(4) === METADATA) asked.set(frame.readInt32BE(8), frame.readInt16BE(6));
      broker.write(frame);
    });
    eachFrame(broker, (frame) => {
      const version = asked.get(frame.readInt32BE(4));
      asked.delete(frame.readInt32BE(4));
      client.write(version !== undefined && forgetting ? withoutBrokers(frame, version) : frame);
    });
  });
  const [host = '', port] = listen.split(':');
  await new Promise<void>((resolve) => server.listen(Number(port), host, resolve));
  return {
    forget(on) {
      forgetting = on;
    },
    async stop() {
      for (const socket of sockets) socket.destroy();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}

/** Frames begin with their length, 4 bytes. */
function eachFrame(socket: Socket, take: (frame: Buffer) => void): void {
  let rest: Buffer = Buffer.alloc(0);
  socket.on('data', (chunk: Buffer) => {
    rest = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    while (rest.length >= 4 && rest.length >= 4 + rest.readInt32BE(0)) {
      const end = 4 + rest.readInt32BE(0);
      take(rest.subarray(0, end));
      rest = rest.subarray(end);
    }
  });
}

/** A metadata response without its array of brokers. https://kafka.apache.org/protocol#The_Messages_Metadata */
function withoutBrokers(frame: Buffer, version: number): Buffer {
  const isFlexible = version >= FLEXIBLE;
  // Behind the length and the correlation id: tagged fields of the header, and the throttle time.
  const from = 8 + (isFlexible ? 1 : 0) + (version >= 3 ? 4 : 0);
  const at = { offset: from };
  const count = isFlexible ? varint(frame, at) - 1 : int32(frame, at);
  for (let i = 0; i < count; i++) {
    at.offset += 4;
    skipText(frame, at, isFlexible);
    at.offset += 4;
    if (version >= 1) skipText(frame, at, isFlexible);
    if (isFlexible) varint(frame, at);
  }
  const none = isFlexible ? Buffer.of(1) : Buffer.alloc(4);
  const rewritten = Buffer.concat([frame.subarray(0, from), none, frame.subarray(at.offset)]);
  rewritten.writeInt32BE(rewritten.length - 4, 0);
  return rewritten;
}

function varint(frame: Buffer, at: { offset: number }): number {
  let value = 0;
  for (let shift = 0; ; shift += 7) {
    const byte = frame.readUInt8(at.offset++);
    value |= (byte & 0x7f) << shift;
    if (byte < 0x80) return value;
  }
}

function int32(frame: Buffer, at: { offset: number }): number {
  const value = frame.readInt32BE(at.offset);
  at.offset += 4;
  return value;
}

/** Null has the length -1, or 0 where lengths are one more than they are. */
function skipText(frame: Buffer, at: { offset: number }, isFlexible: boolean): void {
  if (isFlexible) at.offset += Math.max(0, varint(frame, at) - 1);
  else {
    const length = frame.readInt16BE(at.offset);
    at.offset += 2 + Math.max(0, length);
  }
}
