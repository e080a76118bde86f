import { type Model, type Service, tierOf } from './model.js';

/** Of a processor with 40 topics and three brokers, and of its health check (docs/deployment.md, Sizing). */
const THREADS = 310 + 15;

/** Where a service may do more than it needs, is not waited for, or is cut off while it stops. */
export function hardeningMistakes(name: string, service: Service, model: Model): string[] {
  const kafka = service.image.includes('apache/kafka');
  // These images hold their program alone: nothing is in them that could ask.
  const bare = /\/(tempo|opentelemetry-collector-contrib):/.test(service.image);
  const limits = service.deploy?.resources?.limits;
  const demands: [holds: unknown, what: string][] = [
    [service.healthcheck?.test || bare, 'no health check'],
    [limits?.memory && limits.cpus, 'no limits'],
    [service.cap_drop?.includes('ALL'), 'keeps capabilities'],
    [service.security_opt?.includes('no-new-privileges:true'), 'may gain privileges'],
    // Its start script writes into the image's file system.
    [service.read_only || kafka, 'its root is writable'],
    ...Object.entries(service.depends_on ?? {}).map(([other, { condition }]): [unknown, string] => [
      condition === 'service_healthy' && model.services[other]?.healthcheck,
      `does not wait for the health of ${other}`,
    ]),
    ...(tierOf(service) === undefined ? [] : tierDemands(service)),
  ];
  return demands.flatMap(([holds, what]) => (holds ? [] : [`${name}: ${what}`]));
}

function tierDemands({ deploy, environment, stop_grace_period, healthcheck }: Service): [unknown, string][] {
  const graceS = Number(environment.SHUTDOWN_GRACE);
  const stopS = durationS(stop_grace_period ?? '');
  const asked = healthcheck?.test.join(' ') ?? '';
  return [
    [(deploy?.resources?.limits?.pids ?? 0) >= THREADS, `fewer than ${THREADS} threads`],
    [stopS > graceS, `stop_grace_period ${stopS} s is not above SHUTDOWN_GRACE ${graceS} s`],
    [asked.includes(`:${environment.MANAGEMENT_PORT}/ready`), 'is not asked /ready'],
  ];
}

/** `40s`, `1m30s` in seconds. */
function durationS(text: string): number {
  const [, minutes = 0, seconds = 0] = /^(?:(\d+)m)?(?:(\d+)s)?$/.exec(text) ?? [];
  return Number(minutes) * 60 + Number(seconds);
}
