import { type CheckStep, type Finding, scramPasswordLine, shellWord } from '@kafka-http-proxy/operate';
import { CommandFailure } from '../../operator/exit.js';
import { type Access, scopeOf } from '../given/access.js';
import { lookAtBrokers, nameTrouble } from '../look/brokers.js';
import { propertyOf } from '../look/certificates.js';

/** Whether Kafka lets us in, and every broker that it names can be reached. */
export function clusterSteps(access: Access): CheckStep[] {
  return [
    {
      id: 'kafka.login',
      ...scopeOf(access),
      needs: [
        'kafka.dns',
        'kafka.tcp',
        'kafka.tls',
        'kafka.tls.expiry',
        'kafka.tls.chain',
        'kafka.tls.name',
        'kafka.tls.client',
      ],
      look: async () => [await judgeLogin(access)],
    },
    { id: 'kafka.brokers', ...scopeOf(access), needs: ['kafka.login'], look: async () => await judgeBrokers(access) },
  ];
}

async function judgeLogin(access: Access): Promise<Finding> {
  try {
    await access.inspector();
    const who = access.principal;
    return { state: 'ok', what: who === null ? 'Kafka answers; nobody logs in' : `Kafka answers ${who}` };
  } catch (error) {
    if (!(error instanceof CommandFailure)) throw error;
    const fix = loginFix(access);
    return { state: 'FAIL', what: error.message, ...(fix !== null && { fix }) };
  }
}

/** What gives a login back to who has it; no secret is printed. */
function loginFix({ connection, target, principal }: Access): string | null {
  const { properties } = connection.settings;
  if (!/^sasl_/i.test(propertyOf(properties, 'security.protocol') ?? '')) return null;
  const mechanism = (
    propertyOf(properties, 'sasl.mechanism') ??
    propertyOf(properties, 'sasl.mechanisms') ??
    ''
  ).toUpperCase();
  if (mechanism.startsWith('SCRAM-') && principal !== null) return scramPasswordLine(target, mechanism, principal);
  if (mechanism === 'OAUTHBEARER') return 'export KAFKA_PROPERTY_SASL_OAUTHBEARER_CLIENT_SECRET_FILE=FILE';
  return 'export KAFKA_PROPERTY_SASL_PASSWORD_FILE=FILE';
}

/** Clients are led to the brokers' own addresses, which may be others than those to start from. */
async function judgeBrokers(access: Access): Promise<Finding[]> {
  const { brokers } = await (await access.inspector()).cluster();
  const known = new Map((await access.looks()).map((look) => [look.address, look]));
  const addresses = brokers.map(({ host, port }) => `${host.includes(':') ? `[${host}]` : host}:${port}`);
  const fresh = addresses.filter((address) => !known.has(address));
  for (const look of await lookAtBrokers(fresh, access.connection.settings.properties)) known.set(look.address, look);
  const bad = addresses.flatMap((address): Finding[] => {
    const look = known.get(address);
    if (look === undefined) return [];
    const why =
      look.dnsError ??
      look.tcpError ??
      look.tls?.error ??
      look.tls?.untrusted ??
      (look.tls?.certificate ? nameTrouble(look.host, look.tls.certificate) : null);
    if (why === null) return [];
    const what = `broker ${address}, as it advertises itself, can't be used from here: ${why}`;
    // A chain that Node does not trust librdkafka may: it goes by the system's authorities.
    const state = (look.dnsError ?? look.tcpError ?? look.tls?.error) ? 'FAIL' : 'warn';
    return [
      {
        state,
        what,
        fix: `getent hosts ${shellWord(look.host)} && nc -vz ${shellWord(look.host)} ${look.port}`,
        blocks: false,
      },
    ];
  });
  const reached = addresses.length - bad.length;
  return [
    ...bad,
    ...(reached > 0
      ? [
          {
            state: 'ok',
            what: `${reached} of ${addresses.length} brokers can be reached where they advertise themselves`,
          } as const,
        ]
      : []),
  ];
}
