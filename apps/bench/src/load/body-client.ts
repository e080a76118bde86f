import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';
import { bodyChunks } from '../payload/body.js';
import { type Received, textOf, upload } from './upload.js';

/** A client that sends or fetches one long body, as `curl` would. */
export async function role(_job: object) {
  return {
    /** Sends the body of this size; resolves with what the backend made of it. */
    async send(origin: string, bytes: number): Promise<Received> {
      const outgoing = upload(`${origin}/upload`, bytes);
      for (const chunk of bodyChunks(bytes)) {
        const full = outgoing.write(chunk);
        if (full) await full;
      }
      return await outgoing.end();
    },
    /** Fetches it and hashes what came. @throws {Error} when it is cut */
    async fetch(origin: string, bytes: number): Promise<Received> {
      const outgoing = request(`${origin}/download?bytes=${bytes}`, { agent: false });
      outgoing.end();
      const [response] = (await once(outgoing, 'response')) as [IncomingMessage];
      if (response.statusCode !== 200) throw new Error(`answered ${response.statusCode}: ${await textOf(response)}`);
      const hash = createHash('sha256');
      let received = 0;
      for await (const chunk of response as AsyncIterable<Buffer>) {
        hash.update(chunk);
        received += chunk.length;
      }
      return { bytes: received, sha256: hash.digest('hex') };
    },
  };
}
