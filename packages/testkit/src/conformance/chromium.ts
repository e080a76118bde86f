import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { closeServer, listen } from '../http/http-server.js';

/** Debian's package of the same name. */
export const CHROMIUM = 'chromium-headless-shell';

/** What a script of a page asks for: the arguments of its `fetch`. */
export interface Asked {
  readonly url: string;
  readonly init?: Readonly<Record<string, unknown>>;
}

/** What it sees: the answer, or what its `fetch` rejected with. */
export interface Shown {
  readonly status?: number;
  readonly code?: string;
  readonly retryAfter?: string | null;
  readonly error?: string;
}

/** A site whose pages ask others, in a real browser. */
export interface Site {
  readonly origin: string;
  /** Opens a page that asks for these, one after the other. */
  visit(asked: readonly Asked[]): Promise<Shown[]>;
  close(): Promise<void>;
}

const script = (asked: readonly Asked[]) => `<!doctype html><script type="module">
const shown = [];
for (const { url, init } of ${JSON.stringify(asked)}) {
  try {
    const answer = await fetch(url, init);
    const body = await answer.text();
    let code;
    try { code = JSON.parse(body).code; } catch {}
    shown.push({ status: answer.status, code, retryAfter: answer.headers.get('retry-after') });
  } catch (error) { shown.push({ error: error.name }); }
}
await fetch('/shown', { method: 'POST', body: JSON.stringify(shown) });
</script>`;

/** Starts a site on a port of this machine. */
export async function startSite(): Promise<Site> {
  let page = '';
  let tell: (shown: Shown[]) => void = () => undefined;
  const server = createServer(async (request, response) => {
    if (request.method === 'POST') tell(JSON.parse(await text(request)) as Shown[]);
    response.writeHead(200, { 'Content-Type': 'text/html' }).end(request.url === '/' ? page : '');
  });
  const origin = `http://127.0.0.1:${await listen(server)}`;
  return {
    origin,
    async visit(asked) {
      page = script(asked);
      const told = new Promise<Shown[]>((resolve) => {
        tell = resolve;
      });
      const profile = await mkdtemp(join(tmpdir(), 'khp-chromium-'));
      const flags = ['--no-sandbox', '--disable-gpu', '--remote-debugging-port=0', `--user-data-dir=${profile}`];
      const browser = spawn(CHROMIUM, [...flags, `${origin}/`], { stdio: 'ignore' });
      const exited = once(browser, 'exit');
      try {
        const ended = exited.then(([code]) => Promise.reject(new Error(`${CHROMIUM} ended with ${code}`)));
        ended.catch(() => undefined);
        return await Promise.race([told, ended]);
      } finally {
        browser.kill('SIGKILL');
        await exited;
        await rm(profile, { recursive: true, maxRetries: 5 });
      }
    },
    close: () => closeServer(server),
  };
}
