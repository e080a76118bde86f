import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createTlsEndpoint } from '@kafka-http-proxy/service';
import { createAuthority, hasProgram } from '@kafka-http-proxy/testkit';
import { afterAll, beforeAll, describe } from 'vitest';
import { speakTls } from '../testing/ingress.js';

/*
 * All that is tested of connections and bytes, once more over TLS: what Node tells of a socket there (bytes read, what
 * waits, its end, a reset) comes from another place.
 */
describe.runIf(hasProgram('openssl'))('over TLS', () => {
  speakTls(null);
  let dir: string;
  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), 'khp-over-tls-'));
    const authority = await createAuthority(dir, 'authority');
    const { certificate: cert, key } = await authority.issue('proxy');
    const logger = { warn: () => undefined, error: () => undefined };
    speakTls({
      endpoint: createTlsEndpoint({ cert, key, min_version: 'TLSv1.2' }, { logger }),
      ca: authority.certificate,
    });
  });
  afterAll(() => rm(dir, { recursive: true }));

  // A suite each: what a file does after each test is for its own.
  describe('crowd', async () => void (await import('./crowd.test.js')));
  describe('custom-methods', async () => void (await import('./custom-methods.test.js')));
  describe('half-closed', async () => void (await import('./half-closed.test.js')));
  describe('hardening', async () => void (await import('./hardening.test.js')));
  describe('pipeline', async () => void (await import('./pipeline.test.js')));
  describe('request-checks', async () => void (await import('./request-checks.test.js')));
  describe('server', async () => void (await import('./server.test.js')));
  describe('whole-reply', async () => void (await import('../egress/whole-reply.test.js')));
  describe('handler', async () => void (await import('../ingress/handler.test.js')));
  describe('strangers', async () => void (await import('../ingress/strangers.test.js')));
  describe('conversation', async () => void (await import('../streams/conversation.test.js')));
  describe('reply-stream', async () => void (await import('../streams/reply-stream.test.js')));
  describe('upload', async () => void (await import('../streams/upload.test.js')));
  // These share what is done around a test.
  describe('with a core behind it', async () => {
    await import('../egress/answer.test.js');
    await import('../egress/egress-stream.test.js');
    await import('../ingress/body/pump-body.test.js');
  });
});
