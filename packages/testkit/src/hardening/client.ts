import { connect, type Socket } from 'node:net';
import { type ReadResponse, readResponses } from './responses.js';

/** How long anything may take before it counts as hanging, ms: far above the timeouts that the services have. */
const LIMIT_MS = 30_000;

/** A client of bytes, that may end its side alone. */
export class Client {
  readonly socket: Socket;
  closed = false;
  #text = '';
  #taken: ReadResponse[] = [];
  #wake: () => void = () => undefined;

  private constructor(socket: Socket) {
    this.socket = socket;
    socket.setNoDelay(true);
    socket.on('data', (chunk: Buffer) => {
      this.#text += chunk.toString('latin1');
      this.#wake();
    });
    socket.on('end', () => {
      this.closed = true;
      this.#wake();
    });
    // A reset is an end, too.
    socket.on('error', () => undefined);
    socket.on('close', () => {
      this.closed = true;
      this.#wake();
    });
  }

  static dial(port: number): Promise<Client> {
    return new Promise((resolve, reject) => {
      const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true }, () => resolve(new Client(socket)));
      socket.once('error', reject);
    });
  }

  /** One character a byte. */
  send(bytes: string): void {
    this.socket.write(Buffer.from(bytes, 'latin1'));
  }

  /** Sends, and resolves when the kernel has it: the next is a packet of its own. */
  flush(bytes: string): Promise<void> {
    return new Promise((resolve) => this.socket.write(Buffer.from(bytes, 'latin1'), () => setImmediate(resolve)));
  }

  /**
   * The next responses. @throws Error when the connection ends before, when it takes too long, and
   * when what comes is no response
   */
  async responses(count: number): Promise<ReadResponse[]> {
    await this.#until(() => this.#read().length >= count || this.closed, `${count} responses`);
    if (this.#read().length < count) throw new Error(`closed behind ${JSON.stringify([this.#taken, this.#text])}`);
    return this.#taken.splice(0, count);
  }

  /** All responses until the server ends its side, and what is left behind them. */
  async rest(): Promise<{ responses: ReadResponse[]; rest: string }> {
    await this.#until(() => this.closed, 'the end of the connection');
    return { responses: this.#read().splice(0), rest: this.#text };
  }

  close(): void {
    this.socket.destroy();
  }

  #read(): ReadResponse[] {
    const { responses, rest } = readResponses(this.#text);
    this.#text = rest;
    this.#taken.push(...responses);
    return this.#taken;
  }

  async #until(reached: () => boolean, what: string): Promise<void> {
    const limit = Date.now() + LIMIT_MS;
    while (!reached()) {
      const leftMs = limit - Date.now();
      if (leftMs <= 0) throw new Error(`no ${what} in ${LIMIT_MS} ms, but ${JSON.stringify(this.#text.slice(0, 500))}`);
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, leftMs);
        this.#wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
  }
}

/** Asks on a connection of its own, and gives the words that the backend answered with. */
export async function ask(port: number, target: string): Promise<string> {
  const client = await Client.dial(port);
  client.send(`GET ${target} HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n`);
  const [response] = await client.responses(1);
  client.close();
  return `${response?.status} ${response?.body}`;
}
