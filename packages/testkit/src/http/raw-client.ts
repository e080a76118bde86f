import { connect, type Socket } from 'node:net';
import { type ConnectionOptions, connect as connectTls } from 'node:tls';

/** A TCP connection that speaks bytes. */
export class RawClient {
  private received = '';
  private ended = false;
  private wake: () => void = () => undefined;

  private constructor(readonly socket: Socket) {
    socket.setNoDelay(true);
    socket.on('data', (chunk) => {
      this.received += chunk.toString('latin1');
      this.wake();
    });
    socket.on('error', () => undefined);
    socket.on('close', () => {
      this.ended = true;
      this.wake();
    });
  }

  static dial(port: number): Promise<RawClient> {
    return new Promise((resolve, reject) => {
      const socket = connect(port, '127.0.0.1', () => resolve(new RawClient(socket)));
      socket.once('error', reject);
    });
  }

  /** The same over TLS. */
  static dialTls(port: number, options: ConnectionOptions): Promise<RawClient> {
    return new Promise((resolve, reject) => {
      const socket = connectTls(port, '127.0.0.1', options, () => resolve(new RawClient(socket)));
      socket.once('error', reject);
    });
  }

  send(bytes: string | Buffer): void {
    this.socket.write(typeof bytes === 'string' ? Buffer.from(bytes, 'latin1') : bytes);
  }

  /** Sends and resolves when the kernel has taken it: the next write is a segment of its own. */
  flush(bytes: string): Promise<void> {
    return new Promise((resolve, reject) =>
      this.socket.write(Buffer.from(bytes, 'latin1'), (error) => (error ? reject(error) : setImmediate(resolve))),
    );
  }

  /** Takes what has come once it matches; rejects when the connection closes before. */
  async until(pattern: RegExp): Promise<string> {
    for (;;) {
      if (pattern.test(this.received)) {
        const taken = this.received;
        this.received = '';
        return taken;
      }
      if (this.ended) throw new Error(`closed before ${pattern}: ${JSON.stringify(this.received)}`);
      await new Promise<void>((resolve) => {
        this.wake = resolve;
      });
    }
  }

  /** All that comes until the peer closes. */
  async rest(): Promise<string> {
    while (!this.ended) {
      await new Promise<void>((resolve) => {
        this.wake = resolve;
      });
    }
    return this.received;
  }

  close(): void {
    this.socket.destroy();
  }
}
