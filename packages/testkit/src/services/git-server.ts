import { spawn } from 'node:child_process';
import type { IncomingHttpHeaders, ServerResponse } from 'node:http';
import { type StreamingBackend, startStreamingBackend } from '../http/streaming-backend.js';

/** Serves the repositories under `root` over smart HTTP: `git http-backend` as a CGI program, nothing in between. */
export function startGitServer(root: string, env: Readonly<Record<string, string>>): Promise<StreamingBackend> {
  return startStreamingBackend((request, response) => {
    const { pathname, search } = new URL(request.url ?? '/', 'http://git');
    const child = spawn('git', ['http-backend'], {
      env: {
        ...process.env,
        ...env,
        ...headerVariables(request.headers),
        GIT_PROJECT_ROOT: root,
        GIT_HTTP_EXPORT_ALL: '1',
        REQUEST_METHOD: request.method ?? 'GET',
        PATH_INFO: decodeURIComponent(pathname),
        QUERY_STRING: search.slice(1),
        REMOTE_ADDR: request.socket.remoteAddress ?? '',
      },
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    // It need not read all of the body.
    child.stdin.on('error', () => undefined);
    child.once('error', (error) => response.destroy(error));
    response.once('close', () => child.kill());
    request.pipe(child.stdin);
    readHead(child.stdout, response);
  });
}

/** The CGI variables of the fields that git looks at (RFC 3875, 4.1). */
function headerVariables(headers: IncomingHttpHeaders): Record<string, string> {
  const variables: Record<string, string> = {};
  const set = (variable: string, value: string | string[] | undefined) => {
    if (typeof value === 'string') variables[variable] = value;
  };
  set('CONTENT_TYPE', headers['content-type']);
  set('CONTENT_LENGTH', headers['content-length']);
  set('HTTP_CONTENT_ENCODING', headers['content-encoding']);
  set('GIT_PROTOCOL', headers['git-protocol']);
  return variables;
}

/** Takes the head that a CGI program prints (RFC 3875, 6), then passes the rest on as it comes. */
function readHead(output: NodeJS.ReadableStream, response: ServerResponse): void {
  let head = Buffer.alloc(0);
  const collect = (chunk: Buffer) => {
    head = Buffer.concat([head, chunk]);
    const end = head.indexOf('\r\n\r\n');
    if (end < 0) return;
    output.off('data', collect);
    for (const line of head.toString('latin1', 0, end).split('\r\n')) {
      const colon = line.indexOf(':');
      const value = line.slice(colon + 1).trim();
      if (/^status:/i.test(line)) response.statusCode = Number.parseInt(value, 10);
      else response.setHeader(line.slice(0, colon), value);
    }
    response.write(head.subarray(end + 4));
    output.pipe(response);
  };
  output.on('data', collect);
  output.once('end', () => {
    if (!response.headersSent) response.writeHead(500).end();
  });
}
