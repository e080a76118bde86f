import { parseYaml } from '../../machine/yaml.js';
import { type KubernetesObject, type ObjectSpec, type Workload, workloadOf } from '../kubernetes-object.js';

/** What is read of a tier's configuration. */
interface TierConfig {
  readonly management_port: number;
  readonly shutdown_grace: number;
  readonly max_concurrent_requests?: number;
  readonly topics?: readonly { readonly request_topic: string; readonly on_unhealthy?: string }[];
}

interface Release {
  readonly workload: Workload;
  readonly config: TierConfig;
  /** The specs of a kind. */
  specs(kind: string): ObjectSpec[];
  of(kind: string): KubernetesObject[];
}

/** What does not fit between the objects of a release: names, labels, ports, times. */
export function fitMistakes(objects: readonly KubernetesObject[]): string[] {
  const of = (kind: string) => objects.filter((object) => object.kind === kind);
  const config = parseYaml<TierConfig>(of('ConfigMap')[0]?.data?.['config.yaml'] ?? '');
  const specs = (kind: string) => of(kind).flatMap(({ spec }) => (spec === undefined ? [] : [spec]));
  const release = { workload: workloadOf(objects), config, specs, of };
  return [
    selectorMistakes(release),
    portMistakes(release),
    scalerMistakes(release),
    monitorMistakes(release),
    stopMistakes(release),
  ].flat();
}

type Labels = Readonly<Record<string, string>>;

function selectorMistakes({ workload, of }: Release): string[] {
  const { labels } = workload.spec.template.metadata;
  const mistakes = ({ kind, metadata }: KubernetesObject, selector: unknown) =>
    Object.entries(selector as Labels).flatMap(([key, value]) =>
      labels[key] === value ? [] : [`${kind} ${metadata.name} selects ${key}=${value}`],
    );
  return [
    ...[workload, ...of('PodDisruptionBudget')].flatMap((one) => mistakes(one, one.spec?.selector?.matchLabels)),
    ...of('Service').flatMap((one) => mistakes(one, one.spec?.selector)),
    ...of('NetworkPolicy').flatMap((one) => mistakes(one, one.spec?.podSelector?.matchLabels)),
    ...(workload.kind === 'StatefulSet' && !of('Service').some((s) => s.metadata.name === workload.spec.serviceName)
      ? [`no Service ${workload.spec.serviceName}`]
      : []),
  ];
}

function portMistakes({ workload, config, specs }: Release): string[] {
  const ports = workload.spec.template.spec.containers[0].ports ?? [];
  const rules = specs('NetworkPolicy').flatMap(({ ingress = [] }) => ingress);
  const named = [
    ...specs('Service').flatMap((spec) => (spec.ports ?? []).map(({ targetPort }) => targetPort)),
    ...rules.flatMap((rule) => rule.ports.map(({ port }) => port)),
  ];
  const wrong = named.filter((port) => ports.every(({ name }) => name !== port)).map((port) => `no port ${port}`);
  const open = rules.some((rule) => rule.ports[0]?.port === 'management' && !rule.from?.length);
  if (open) wrong.push('everybody may use the management port');
  if (ports.find(({ name }) => name === 'management')?.containerPort !== config.management_port)
    wrong.push('the management port is not the configured one');
  return wrong;
}

function scalerMistakes({ workload, config, of, specs }: Release): string[] {
  const targets = [...of('HorizontalPodAutoscaler'), ...of('ScaledObject')].flatMap((object) => {
    const { kind = 'Deployment', name } = object.spec?.scaleTargetRef ?? {};
    const wrong: string[] = [];
    if (kind !== workload.kind || name !== workload.metadata.name) wrong.push(`${object.kind} scales ${kind} ${name}`);
    if (workload.spec.replicas !== undefined) wrong.push(`${object.kind} and spec.replicas contradict each other`);
    return wrong;
  });
  const triggers = specs('ScaledObject').flatMap((spec) => spec.triggers ?? []);
  return [...targets, ...triggers.flatMap(({ metadata }) => triggerMistakes(metadata, config))];
}

/** A trigger that would scale out an idle queue, or for a topic that is paused. */
function triggerMistakes(trigger: Readonly<Record<string, string>>, config: TierConfig): string[] {
  const name = trigger.topic ?? '';
  const topic = config.topics?.find(({ request_topic }) => request_topic === name);
  if (topic === undefined) return [`${name}: no topic of the processor`];
  const wrong: string[] = [];
  const queued = Number(trigger.lagThreshold) >= (config.max_concurrent_requests ?? Number.POSITIVE_INFINITY);
  if (!queued) wrong.push(`${name}: what runs is scaled for`);
  if (topic.on_unhealthy === 'pause' && trigger.excludePersistentLag !== 'true')
    wrong.push(`${name}: a pause is scaled for`);
  return wrong;
}

function monitorMistakes({ of, specs }: Release): string[] {
  return specs('ServiceMonitor').flatMap(({ selector, endpoints }) => {
    const wanted = Object.entries(selector?.matchLabels as Labels);
    const found = of('Service').filter(({ metadata }) =>
      wanted.every(([key, value]) => metadata.labels[key] === value),
    );
    // One, or each pod would be scraped twice.
    if (found.length !== 1) return [`ServiceMonitor selects ${found.length} services`];
    const [port] = found[0]?.spec?.ports ?? [];
    return port?.name === endpoints?.[0]?.port ? [] : ['ServiceMonitor names no port of its service'];
  });
}

function stopMistakes({ workload, config }: Release): string[] {
  const { terminationGracePeriodSeconds: limitS, containers } = workload.spec.template.spec;
  const preStop = containers[0].lifecycle?.preStop;
  const preStopS = preStop?.sleep?.seconds ?? Number(/(\d+)000\)/.exec(preStop?.exec?.command[2] ?? '')?.[1] ?? 0);
  return limitS > preStopS + config.shutdown_grace ? [] : [`terminationGracePeriodSeconds ${limitS} is too short`];
}
