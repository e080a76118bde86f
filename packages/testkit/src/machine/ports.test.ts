import { execFileSync } from 'node:child_process';
import { createServer } from 'node:net';
import { expect, it, onTestFinished } from 'vitest';
import { freePort, freePorts } from './ports.js';

const LISTENED = `
const socket = require('node:dgram').createSocket('udp4');
socket.once('error', (error) => console.log(error.code));
socket.bind({ port: Number(process.argv[1]), address: '127.0.0.1', exclusive: true }, () => { console.log('free'); socket.close(); });
`;
const reservedFor = (port: number) =>
  execFileSync(process.execPath, ['-e', LISTENED, String(port)], { encoding: 'utf8' });

it('gives ports that can be listened on, each once', async () => {
  const ports = await freePorts(5);
  expect(new Set(ports).size).toBe(5);
  for (const port of ports) {
    const server = createServer();
    onTestFinished(() => void server.close());
    await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  }
});

it('holds a port for this process before anybody listens on it', async () => {
  const port = await freePort();
  expect(reservedFor(port).trim()).toBe('EADDRINUSE');
});
