import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { listen } from '../connections/listen.js';
import { createDownloads, receiveUpload } from './bodies.js';
import { createEventStreams } from './events.js';
import { sendNumbered } from './numbered.js';

type Route = (request: IncomingMessage, response: ServerResponse, query: URLSearchParams) => void;

const SMALL = { 'Content-Type': 'text/plain', 'Content-Length': 2 };

/** So many bytes to any method, as nginx does where it is the backend. */
const sendBytes: Route = (request, response) => {
  const body = Buffer.alloc(Number(request.url?.slice('/bytes/'.length)), 'x');
  request.resume();
  request.once('end', () => void response.writeHead(200, { 'Content-Length': body.length }).end(body));
};

/** The HTTP backend of all measurements. */
export async function role(_job: object) {
  const downloads = createDownloads();
  const events = createEventStreams();
  const routes: Readonly<Record<string, Route>> = {
    '/upload': receiveUpload,
    '/download': (_, response, query) => downloads.send(response, Number(query.get('bytes'))),
    '/events': (_, response) => events.open(response),
    '/numbered': (_, response, query) => sendNumbered(response, Number(query.get('stream'))),
    '/small': (_, response) => void response.writeHead(200, SMALL).end('ok'),
  };
  const server = createServer((request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://backend');
    const route = routes[pathname] ?? (pathname.startsWith('/bytes/') ? sendBytes : undefined);
    if (route) route(request, response, searchParams);
    else response.writeHead(404).end();
  });
  const port = await listen(server);
  return {
    origin: async () => `http://127.0.0.1:${port}`,
    lastDownload: async () => downloads.last(),
    openEventStreams: async () => events.count(),
    runEvents: events.run,
  };
}
