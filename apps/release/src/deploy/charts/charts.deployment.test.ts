// docker/helm: linted, rendered over a matrix of values and versions of Kubernetes, judged by its own
// schemas, and the configuration in them by the commands that will read it.
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { chartSchema } from '../generate-chart-schemas.mjs';
import { CHARTS, chartReadme, readChart, valueRows } from './chart-readme.mjs';
import { checkConfiguration, knownVariables, parseYaml, parseYamlStream, ROOT, run, tool } from './lib.mjs';
import { restrictedMistakes } from './pod-security.mjs';

const OLDEST_MINOR = 28;
/** What every installation has to say. */
const IMAGE = ['--set', 'image.repository=registry.example.com/kafka-http-proxy'];
/** Kinds of other projects: judged by the schemas here. */
const CUSTOM = new Set(['ServiceMonitor', 'ScaledObject']);

/** Values that must be refused, and a word of what is said. */
const REFUSED = {
  proxy: [
    ['a key that does not exist', ['replica=3'], 'replica'],
    ['a variable that the chart sets', ['env.SHUTDOWN_GRACE=90'], 'env'],
    ['a kind that it is not made for', ['kind=DaemonSet'], 'kind'],
    ['no management port', ['config.management_port=0'], 'management_port'],
    ['no image', ['image.repository='], 'image.repository is not set'],
    ['a key that the proxy does not know', ['config.prot=1'], "'prot'"],
    ['a value that the proxy would refuse', ['config.wire=v3'], '/config/wire'],
    ['root', ['securityContext.runAsUser=0'], 'runAsUser'],
  ],
  processor: [
    ['a key that does not exist', ['kind=StatefulSet'], 'kind'],
    ['two autoscalers', ['autoscaling.enabled=true', 'keda.enabled=true'], 'exclude'],
    ['no topics', ['config.topics=null'], 'topics'],
    ['no image', ['image.repository='], 'image.repository is not set'],
    ['a key that the processor does not know', ['config.kafka.propertees.a=1'], "'propertees'"],
    ['a key of a topic that it does not know', ['config.topics[0].tiemout=1'], "'tiemout'"],
    ['root', ['securityContext.runAsUser=0'], 'runAsUser'],
    ['a lag that is no queue', ['keda.enabled=true', 'keda.lagThreshold=99'], 'keda.lagThreshold 99 is below'],
    ['one name for several pods', ['config.kafka.properties.group\\.instance\\.id=a'], 'group.instance.id "a"'],
    [
      'a lag that more requests made none',
      ['keda.enabled=true', 'keda.lagThreshold=150', 'config.max_concurrent_requests=200'],
      'max_concurrent_requests 200',
    ],
  ],
};

export async function checkCharts(report, validator) {
  const versions = (await validator.kubernetesVersions()).filter(
    (version) => Number(version.split('.')[1]) >= OLDEST_MINOR,
  );
  for (const chart of CHARTS) {
    const dir = join('docker/helm', chart);
    await report.check(`${dir}: each value has a description, a default and a schema`, () => valueMistakes(chart));
    await report.check(`${dir}/README.md is what its schema says`, () =>
      chartReadme(chart) === readFileSync(join(ROOT, dir, 'README.md'), 'utf8')
        ? []
        : ['run node scripts/deploy/chart-readme.mjs'],
    );
    await report.check(`${dir}/values.schema.json has the configuration's own schema`, async () => {
      const { before, after } = await chartSchema(chart);
      return before === after ? [] : ['run node scripts/generate-chart-schemas.mjs'];
    });
    for (const [what, values, word] of REFUSED[chart]) {
      await report.check(`${dir}: refuses ${what}`, () => refusal(dir, values, word));
    }
    for (const [name, args] of matrix(dir)) {
      await report.check(
        `${dir}, ${name} values: helm lint --strict`,
        () => void run(tool('KHP_HELM'), ['lint', '--strict', '--kube-version', versions.at(-1), dir, ...args]),
      );
      let custom = 0;
      for (const version of versions) {
        await report.check(`${dir}, ${name} values: valid for Kubernetes ${version}, pods restricted`, async () => {
          const objects = renderChart(dir, args, version);
          custom = objects.filter(({ kind }) => CUSTOM.has(kind)).length;
          return objectMistakes(validator, objects, version);
        });
      }
      const objects = () => renderChart(dir, args, versions.at(-1));
      if (custom > 0) console.log(`        (${custom} of them by hand-written schemas: ${[...CUSTOM].join(', ')})`);
      await report.check(`${dir}, ${name} values: objects fit each other`, () => fitMistakes(objects()));
      if (name === 'openshift')
        await report.check(`${dir}: leaves ids out that are empty`, () => idMistakes(objects()));
      await report.check(`${dir}, ${name} values: kafka-${chart} --check takes the configuration`, () =>
        configurationMistakes(chart, objects()),
      );
    }
  }
}

/** [name, arguments] of each values file. */
function matrix(dir) {
  const files = readdirSync(join(ROOT, dir, 'ci')).sort();
  return [
    ['default', IMAGE],
    ...files.map((file) => [file.replace('-values.yaml', ''), ['-f', join(dir, 'ci', file)]]),
  ];
}

/** The objects of a chart. */
export function renderChart(dir, args, version, release = 'test') {
  const flags = ['--namespace', 'kafka-http', '--kube-version', version];
  return parseYamlStream(run(tool('KHP_HELM'), ['template', release, dir, ...flags, ...args]));
}

/** What is wrong with objects by themselves. */
export async function objectMistakes(validator, objects, version) {
  const mistakes = [];
  for (const object of objects) {
    const found = CUSTOM.has(object.kind)
      ? await validator.schema(fileURLToPath(new URL(`schemas/${object.kind}.json`, import.meta.url)), object)
      : await validator.kubernetes(version, object);
    const pod = object.spec?.template;
    if (pod) found.push(...restrictedMistakes(pod.spec));
    mistakes.push(...found.map((mistake) => `${object.kind} ${object.metadata.name}: ${mistake}`));
  }
  return mistakes;
}

function valueMistakes(chart) {
  const { schema, values } = readChart(chart);
  const rows = valueRows(schema, values);
  const mistakes = rows.filter(({ about }) => about === '').map(({ path }) => `${path} has no description`);
  const at = (path) => path.split('.').reduce((value, key) => value?.[key], values);
  for (const { path } of rows) {
    if (!path.includes('[]') && path !== 'global' && at(path) === undefined) mistakes.push(`${path} has no default`);
  }
  return mistakes;
}

function refusal(dir, values, word) {
  try {
    renderChart(dir, [...IMAGE, ...values.flatMap((value) => ['--set', value])], '1.30');
  } catch (error) {
    return error.message.includes(word) ? [] : [`it says ${error.message}`];
  }
  return ['it renders'];
}

function idMistakes(objects) {
  const { securityContext } = objects.find(({ spec }) => spec?.template).spec.template.spec;
  return ['runAsUser', 'runAsGroup', 'fsGroup'].filter((key) => key in securityContext).map((key) => `${key} is said`);
}

/** What does not fit between the objects of a release. */
export function fitMistakes(objects) {
  const wrong = [];
  const of = (kind) => objects.filter((object) => object.kind === kind);
  const workload = objects.find(({ kind }) => kind === 'StatefulSet' || kind === 'Deployment');
  const { metadata, spec: pod } = workload.spec.template;
  const [container] = pod.containers;
  const labels = metadata.labels;
  const ports = new Set(container.ports.map(({ name }) => name));
  const selects = (object, selector) => {
    for (const [key, value] of Object.entries(selector)) {
      if (labels[key] !== value) wrong.push(`${object.kind} ${object.metadata.name} selects ${key}=${value}`);
    }
  };
  const isWorkload = (object, { kind = 'Deployment', name }) => {
    if (kind !== workload.kind || name !== workload.metadata.name) wrong.push(`${object.kind} scales ${kind} ${name}`);
    if (workload.spec.replicas !== undefined) wrong.push(`${object.kind} and spec.replicas contradict each other`);
  };
  selects(workload, workload.spec.selector.matchLabels);
  for (const service of of('Service')) {
    selects(service, service.spec.selector);
    for (const port of service.spec.ports) if (!ports.has(port.targetPort)) wrong.push(`no port ${port.targetPort}`);
  }
  for (const object of of('PodDisruptionBudget')) selects(object, object.spec.selector.matchLabels);
  for (const object of of('NetworkPolicy')) {
    selects(object, object.spec.podSelector.matchLabels);
    for (const { port } of object.spec.ingress.flatMap((rule) => rule.ports))
      if (!ports.has(port)) wrong.push(`no port ${port}`);
  }
  for (const object of [...of('HorizontalPodAutoscaler'), ...of('ScaledObject')])
    isWorkload(object, object.spec.scaleTargetRef);
  for (const { spec } of of('NetworkPolicy')) {
    const open = spec.ingress.filter(({ ports: [{ port }], from }) => port === 'management' && !from?.length);
    if (open.length > 0) wrong.push('everybody may use the management port');
  }
  for (const { spec } of of('ServiceMonitor')) {
    const found = of('Service').filter((service) =>
      Object.entries(spec.selector.matchLabels).every(([key, value]) => service.metadata.labels[key] === value),
    );
    // One, or each pod would be scraped twice.
    if (found.length !== 1) wrong.push(`ServiceMonitor selects ${found.length} services`);
    else if (found[0].spec.ports[0].name !== spec.endpoints[0].port)
      wrong.push('ServiceMonitor names no port of its service');
  }
  if (workload.kind === 'StatefulSet' && !of('Service').some((s) => s.metadata.name === workload.spec.serviceName)) {
    wrong.push(`no Service ${workload.spec.serviceName}`);
  }
  const config = parseYaml(of('ConfigMap')[0].data['config.yaml']);
  const preStopS =
    container.lifecycle?.preStop.sleep?.seconds ??
    Number(/(\d+)000\)/.exec(container.lifecycle?.preStop.exec?.command[2])?.[1] ?? 0);
  if (pod.terminationGracePeriodSeconds <= preStopS + config.shutdown_grace) {
    wrong.push(`terminationGracePeriodSeconds ${pod.terminationGracePeriodSeconds} is too short`);
  }
  for (const { spec } of of('ScaledObject')) wrong.push(...scalingMistakes(spec, config));
  const managementPort = container.ports.find(({ name }) => name === 'management').containerPort;
  if (managementPort !== config.management_port) wrong.push('the management port is not the configured one');
  return wrong;
}

/** Triggers that would scale out an idle queue, or for a topic that is paused. */
function scalingMistakes({ triggers }, { topics, max_concurrent_requests }) {
  return triggers.flatMap(({ metadata }) => {
    const { on_unhealthy } = topics.find(({ request_topic }) => request_topic === metadata.topic);
    const wrong = [];
    if (Number(metadata.lagThreshold) < max_concurrent_requests)
      wrong.push(`${metadata.topic}: what runs is scaled for`);
    if (on_unhealthy === 'pause' && metadata.excludePersistentLag !== 'true')
      wrong.push(`${metadata.topic}: a pause is scaled for`);
    return wrong;
  });
}

/** Gives the configuration to the tier's own command, with files where the pod has mounts. */
export async function configurationMistakes(tier, objects) {
  const known = await knownVariables(tier);
  const { spec: pod } = objects.find(({ kind }) => kind === 'StatefulSet' || kind === 'Deployment').spec.template;
  const [container] = pod.containers;
  const dir = mkdtempSync(join(tmpdir(), 'khp-chart-'));
  try {
    const mounts = container.volumeMounts
      .map(({ mountPath }) => mountPath)
      .filter((path) => path !== '/etc/kafka-http-proxy');
    /** Paths in mounts become files here. */
    const local = (text) =>
      mounts.reduce(
        (value, mount) =>
          value.replace(new RegExp(`${mount}/[\\w.-]+`, 'g'), (path) => {
            mkdirSync(join(dir, dirname(path)), { recursive: true });
            writeFileSync(join(dir, path), /\.(crt|pem)$/.test(path) ? certificate() : 'x');
            return join(dir, path);
          }),
        text,
      );
    const file = join(dir, 'config.yaml');
    const { data } = objects.find(({ kind }) => kind === 'ConfigMap');
    writeFileSync(file, local(data['config.yaml']));
    const env = Object.fromEntries(
      container.env.map(({ name, value }) => [name, value === undefined ? 'x' : local(value)]),
    );
    const wrong = Object.keys(env).flatMap((name) => (known(name) ? [] : [`${name} is unknown`]));
    const config = checkConfiguration(tier, env, ['--config', file]);
    const { management_port, shutdown_grace } = parseYaml(data['config.yaml']);
    if (config.management_port !== management_port) wrong.push('management_port is not what the chart says');
    if (config.shutdown_grace !== shutdown_grace) wrong.push('shutdown_grace is not what the chart says');
    return wrong;
  } finally {
    rmSync(dir, { recursive: true });
  }
}

/** Of some authority: librdkafka reads what its properties name. */
function certificate() {
  return readFileSync(join(ROOT, 'apps/processor/src/testing/certificates/ca.pem'));
}
