import { X509Certificate } from 'node:crypto';
import { type CheckStep, type Finding, parseDuration, shellWord } from '@kafka-http-proxy/operate';
import { type Access, scopeOf } from '../given/access.js';
import type { CheckFlags } from '../given/flags.js';
import { type BrokerLook, isWell, nameTrouble } from '../look/brokers.js';
import { clientCertificate, keyFits, propertyOf, usesTls } from '../look/certificates.js';
import { elsewhere } from './elsewhere.js';

/** TLS with the bootstrap brokers, and our own certificate; nothing where no TLS is spoken. */
export function tlsSteps(access: Access, all: readonly Access[], flags: CheckFlags): CheckStep[] {
  const { properties } = access.connection.settings;
  if (!usesTls(properties)) return [];
  const warnMs = parseDuration(flags.certWarn, '--cert-warn');
  const step = (id: string, needs: string[], judge: (look: BrokerLook) => Finding | Promise<Finding>): CheckStep => ({
    id,
    ...scopeOf(access),
    needs,
    async look() {
      const looks = (await access.looks()).filter(({ tls }) => tls !== null);
      const useful = looks.some(isWell);
      const found = await Promise.all(looks.map(judge));
      return found.map((finding) => ({ ...finding, blocks: !useful }));
    },
  });
  const lost = async (look: BrokerLook) => {
    const fix = await elsewhere(access, all, look);
    return fix.includes('HOST:') ? showLine(look) : fix;
  };
  return [
    step('kafka.tls', ['kafka.tcp'], async (look) =>
      look.tls?.error == null
        ? { state: 'ok', what: `${look.address} speaks TLS` }
        : { state: 'FAIL', what: `${look.address} speaks no TLS with us: ${look.tls.error}`, fix: await lost(look) },
    ),
    step('kafka.tls.expiry', ['kafka.tls'], async (look) => {
      const { certificate } = look.tls ?? {};
      if (!certificate) return { state: 'skip', what: `${look.address} showed no certificate` };
      const finding = judgeEnd(`${nameOf(look)}`, certificate.valid_from, certificate.valid_to, warnMs);
      if (finding.state === 'ok') return finding;
      // One that ends soon still serves: it is to be renewed, not gone around.
      return { ...finding, fix: finding.state === 'FAIL' ? await lost(look) : showLine(look) };
    }),
    step('kafka.tls.chain', ['kafka.tls', 'kafka.tls.expiry'], async (look) => await judgeChain(look, access, lost)),
    step('kafka.tls.name', ['kafka.tls'], (look) => judgeName(look, access)),
    { id: 'kafka.tls.client', ...scopeOf(access), needs: [], look: async () => [await judgeOwn(access, warnMs)] },
  ];
}

function nameOf({ address, tls }: BrokerLook): string {
  return `the certificate CN=${tls?.certificate?.subject?.CN ?? ''} of ${address}`;
}

/** Shows the certificate of a broker. */
function showLine({ address, host }: BrokerLook): string {
  const at = shellWord(address);
  return `openssl s_client -connect ${at} -servername ${shellWord(host)} </dev/null | openssl x509 -noout -subject -issuer -dates`;
}

function judgeEnd(name: string, from: string, to: string, warnMs: number): Finding {
  const left = Date.parse(to) - Date.now();
  const day = new Date(to).toISOString();
  if (left <= 0) return { state: 'FAIL', what: `${name} expired on ${day}` };
  if (Date.parse(from) > Date.now()) {
    return { state: 'FAIL', what: `${name} is not valid before ${new Date(from).toISOString()}: do the clocks agree?` };
  }
  return { state: left < warnMs ? 'warn' : 'ok', what: `${name} is valid until ${day}` };
}

async function judgeChain(
  look: BrokerLook,
  access: Access,
  lost: (look: BrokerLook) => Promise<string>,
): Promise<Finding> {
  const { properties } = access.connection.settings;
  const { certificate, untrusted } = look.tls ?? {};
  const ca =
    propertyOf(properties, 'ssl.ca.location') ?? (properties['ssl.ca.pem'] === undefined ? undefined : 'ssl.ca.pem');
  if (!certificate) return { state: 'skip', what: `${look.address} showed no certificate` };
  if (!untrusted) return { state: 'ok', what: `${nameOf(look)} is signed by who is trusted` };
  if (String(properties['enable.ssl.certificate.verification']) === 'false') {
    return {
      state: 'warn',
      what: `${nameOf(look)} is not trusted (${untrusted}), and enable.ssl.certificate.verification is false`,
      fix: 'export KAFKA_PROPERTY_ENABLE_SSL_CERTIFICATE_VERIFICATION=true',
    };
  }
  const what = `${nameOf(look)} is signed by CN=${certificate.issuer?.CN ?? ''}, which ${ca ?? "Node's list of authorities"} does not trust (${untrusted})`;
  // librdkafka goes by the system's authorities, which Node does not read: only the login can tell.
  if (ca === undefined) return { state: 'warn', what, fix: showLine(look) };
  return { state: 'FAIL', what, fix: await lost(look) };
}

function judgeName(look: BrokerLook, { connection, brokersLine }: Access): Finding {
  const { certificate } = look.tls ?? {};
  if (!certificate) return { state: 'skip', what: `${look.address} showed no certificate` };
  if (propertyOf(connection.settings.properties, 'ssl.endpoint.identification.algorithm')?.toLowerCase() === 'none') {
    return {
      state: 'skip',
      what: `${look.address}: ssl.endpoint.identification.algorithm is none, so any name is taken`,
    };
  }
  if (String(connection.settings.properties['enable.ssl.certificate.verification']) === 'false') {
    return {
      state: 'skip',
      what: `${look.address}: enable.ssl.certificate.verification is false, so any name is taken`,
    };
  }
  const others = nameTrouble(look.host, certificate);
  if (others === null) return { state: 'ok', what: `${nameOf(look)} is for this name` };
  const name = /(?:DNS|IP Address):([^,*\s]+)(?:,|$)/.exec(others)?.[1];
  return {
    state: 'FAIL',
    what: `${nameOf(look)} is for other names: ${others}`,
    fix: name === undefined ? showLine(look) : brokersLine([`${name.includes(':') ? `[${name}]` : name}:${look.port}`]),
  };
}

/** The certificate that we show. */
async function judgeOwn({ connection }: Access, warnMs: number): Promise<Finding> {
  const { properties } = connection.settings;
  const store = propertyOf(properties, 'ssl.keystore.location');
  const own = await clientCertificate(properties);
  if (own === null) {
    return {
      state: 'skip',
      what: store === undefined ? 'none is shown to brokers' : `${store}: a key store is not looked into`,
    };
  }
  const { subject, validFrom, validTo } = new X509Certificate(own.pem);
  const name = `the client certificate ${subject.replaceAll('\n', ', ')} (${own.source})`;
  const renew = `openssl req -new -key ${shellWord(own.keySource ?? 'KEY')} -subj ${shellWord(`/${subject.replaceAll('\n', '/')}`)} -out client.csr`;
  if (keyFits(own, propertyOf(properties, 'ssl.key.password')) === false) {
    return { state: 'FAIL', what: `${name} is not of the key ${own.keySource}`, fix: renew };
  }
  const finding = judgeEnd(name, validFrom, validTo, warnMs);
  return finding.state === 'ok' ? finding : { ...finding, fix: renew };
}
