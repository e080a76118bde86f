import { fileURLToPath } from 'node:url';
import { proxyConfig } from '@kafka-http-proxy/protocol';
import { expect, it } from 'vitest';
import { servedSteps } from './served.js';

const file = (name: string) =>
  fileURLToPath(new URL(`../../../../processor/src/testing/certificates/${name}`, import.meta.url));

async function find(tls: object | undefined, certWarn = '1h') {
  const config = proxyConfig.parse(tls === undefined ? {} : { tls });
  const steps = servedSteps({ tiers: [{ tier: 'proxy', source: 'proxy.yaml', config }] }, { certWarn });
  return (await Promise.all(steps.map((step) => step.look()))).flat();
}

const served = { cert: file('server.pem'), key: file('server.key') };

it('finds nothing to say where no port speaks TLS', async () => {
  expect(await find(undefined)).toEqual([]);
});

it('finds well what can be served, and what ends within --cert-warn not', async () => {
  expect(await find(served)).toEqual([{ state: 'ok', what: `the proxy can be served with ${served.cert}` }]);
  const soon = { state: 'warn', what: expect.stringMatching(/ expires on \S+, in \d+ days/), fix: expect.anything() };
  expect(await find(served, '40000d')).toEqual([soon]);
});

it('fails for what can’t be served, with a line that shows more of it', async () => {
  const fix = `openssl x509 -in ${served.cert} -noout -subject -dates -ext subjectAltName`;
  expect(await find({ ...served, key: file('client.key') })).toEqual([
    { state: 'FAIL', what: expect.stringContaining('is not the key of the certificate'), fix },
  ]);
});
