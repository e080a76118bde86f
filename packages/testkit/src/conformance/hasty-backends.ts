import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { mustRun, type OtherServer, startServer } from '../machine/program.js';

/*
 * Servers that answer each request with the status that its path names, at its head: the body is left unread, and
 * what comes of it is each server's own. The text of the answer is `refused <status>`.
 */

const NODE = `
const server = require('node:http').createServer((request, response) => {
  const status = Number(request.url.slice(1));
  const text = 'refused ' + status;
  response.writeHead(status, { 'Content-Length': text.length, Connection: 'close' });
  response.end(text);
});
server.listen(0, '127.0.0.1', () => console.error('listens on ' + server.address().port));
`;

const GO = `package main

import (
	"fmt"
	"net"
	"net/http"
	"os"
	"strconv"
)

func main() {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		panic(err)
	}
	fmt.Fprintln(os.Stderr, "listens on", listener.Addr().(*net.TCPAddr).Port)
	http.Serve(listener, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		status, _ := strconv.Atoi(r.URL.Path[1:])
		w.WriteHeader(status)
		fmt.Fprintf(w, "refused %d", status)
	}))
}
`;

const WSGI = `
def app(environ, start_response):
    status = environ['PATH_INFO'][1:]
    text = ('refused ' + status).encode()
    start_response(status + ' Refused', [('Content-Length', str(len(text))), ('Content-Type', 'text/plain')])
    return [text]
`;

const LISTENS = /listens on (\d+)/;

/** Node's own server, which ends the connection at once. */
export async function nodeBackend(dir: string): Promise<OtherServer> {
  const file = join(dir, 'hasty.cjs');
  await writeFile(file, NODE);
  return await startServer(process.execPath, [file], LISTENS);
}

/** Go's net/http, which reads up to 256 KiB of a body that nobody wanted. @throws Error when Go is missing */
export async function goBackend(dir: string): Promise<OtherServer> {
  await writeFile(join(dir, 'hasty.go'), GO);
  const program = join(dir, 'hasty');
  await mustRun('go', ['build', '-o', program, join(dir, 'hasty.go')], { cwd: dir });
  return await startServer(program, [], LISTENS);
}

/** gunicorn as it is by default, of workers that close the connection behind each answer. @param venv has gunicorn */
export async function gunicornBackend(dir: string, venv: string): Promise<OtherServer> {
  await writeFile(join(dir, 'hasty.py'), WSGI);
  const args = ['--chdir', dir, '--bind', '127.0.0.1:0', '--workers', '2', 'hasty:app'];
  return await startServer(join(venv, 'bin/gunicorn'), args, /Listening at: http:\/\/127\.0\.0\.1:(\d+)/);
}
