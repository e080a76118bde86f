import { createServer } from 'node:http';
import { parentPort } from 'node:worker_threads';
import { listen } from '../../http/http-server.js';

/*
 * A backend with a long document, on a thread of its own: on that of the clients whose times are measured it would be
 * what they wait for.
 */

/** What each slow reader asks for: 8 MB. */
const LONG = Buffer.alloc(8 * 1024 * 1024, 'l');

const server = createServer((request, response) => {
  response.on('error', () => undefined);
  response.end(request.url === '/long' ? LONG : 'small');
});
server.keepAliveTimeout = 60_000;
parentPort?.postMessage(await listen(server));
