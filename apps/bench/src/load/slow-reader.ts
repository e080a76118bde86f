import { once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';
import { textOf } from './upload.js';

export interface SlowState {
  readonly readBytes: number;
  readonly open: boolean;
}

/** A client that takes little of a long reply each second, and does not go away. */
export async function role({ bytesPerSecond }: { readonly bytesPerSecond: number }) {
  let response: IncomingMessage | undefined;
  let readBytes = 0;
  let open = false;
  let timer: NodeJS.Timeout | undefined;
  return {
    /** Resolves when the head is there. */
    async open(url: string): Promise<void> {
      const outgoing = request(url, { agent: false });
      outgoing.end();
      [response] = (await once(outgoing, 'response')) as [IncomingMessage];
      const incoming = response;
      if (incoming.statusCode !== 200) throw new Error(`answered ${incoming.statusCode}: ${await textOf(incoming)}`);
      open = true;
      for (const event of ['end', 'error', 'close']) {
        incoming.once(event, () => {
          open = false;
        });
      }
      timer = setInterval(() => {
        const chunk = incoming.read(bytesPerSecond) as Buffer | null;
        readBytes += chunk?.length ?? 0;
      }, 1000);
    },
    state: async (): Promise<SlowState> => ({ readBytes, open }),
    /** Goes away in the middle of the reply. */
    async leave(): Promise<void> {
      clearInterval(timer);
      response?.destroy();
    },
  };
}
