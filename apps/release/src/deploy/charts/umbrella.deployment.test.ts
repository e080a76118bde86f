// Both charts as dependencies of one: they share a release's name, and the names of their templates.
import { deepStrictEqual } from 'node:assert';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readChart } from './chart-readme.mjs';
import { configurationMistakes, fitMistakes, objectMistakes, renderChart } from './charts.mjs';
import { ROOT, run, tool } from './lib.mjs';

/** Values of each dependency. */
const VALUES = {
  proxy: { image: { repository: 'registry.example.com/kafka-http-proxy/proxy' }, networkPolicy: { enabled: true } },
  processor: {
    image: { repository: 'registry.example.com/kafka-http-proxy/processor' },
    keda: { enabled: true },
    securityContext: { runAsUser: '', runAsGroup: '', fsGroup: '' },
  },
};

/** The same proxy once more, for another tenant. */
const ALIAS = 'tenant';

/** The second one has the names of both charts in it. */
const RELEASES = ['bridge', 'proxy-processor'];

export async function checkUmbrella(report, validator) {
  const version = (await validator.kubernetesVersions()).at(-1);
  const dir = mkdtempSync(join(tmpdir(), 'khp-umbrella-'));
  try {
    write(dir);
    await report.check('an umbrella chart of both charts: helm dependency update', () => {
      run(tool('KHP_HELM'), ['dependency', 'update', '--skip-refresh', join(dir, 'umbrella')]);
    });
    for (const release of RELEASES) {
      const name = (what) => `an umbrella chart of both charts, release ${release}: ${what}`;
      const all = () => renderChart(join(dir, 'umbrella'), [], version, release);
      const of = (chart) => all().filter(({ metadata }) => metadata.labels['app.kubernetes.io/name'] === chart);
      await report.check(name(`valid for Kubernetes ${version}, pods restricted`), () =>
        objectMistakes(validator, all(), version),
      );
      await report.check(name('no two objects have one name'), () => twins(all()));
      for (const chart of Object.keys(VALUES)) {
        const alone = () =>
          renderChart(join('docker/helm', chart), ['-f', join(dir, `${chart}.json`)], version, release);
        await report.check(
          name(`the ${chart} is as its chart alone makes it`),
          () => void deepStrictEqual(sorted(of(chart)), sorted(alone())),
        );
      }
      for (const [chart, tier] of [
        ['proxy', 'proxy'],
        ['processor', 'processor'],
        [ALIAS, 'proxy'],
      ]) {
        await report.check(name(`the objects of the ${chart} fit each other`), () => fitMistakes(of(chart)));
        await report.check(name(`the configuration of the ${chart} is taken`), () =>
          configurationMistakes(tier, of(chart)),
        );
      }
    }
  } finally {
    rmSync(dir, { recursive: true });
  }
}

function write(dir) {
  const dependency = (chart, alias) => ({
    name: chart,
    version: readChart(chart).about.version,
    repository: `file://${join(ROOT, 'docker/helm', chart)}`,
    ...(alias && { alias }),
  });
  mkdirSync(join(dir, 'umbrella'));
  const about = {
    apiVersion: 'v2',
    name: 'umbrella',
    version: '1.0.0',
    dependencies: [dependency('proxy'), dependency('processor'), dependency('proxy', ALIAS)],
  };
  // JSON is YAML too.
  writeFileSync(join(dir, 'umbrella/Chart.yaml'), JSON.stringify(about));
  writeFileSync(join(dir, 'umbrella/values.yaml'), JSON.stringify({ ...VALUES, [ALIAS]: VALUES.proxy }));
  for (const [chart, values] of Object.entries(VALUES))
    writeFileSync(join(dir, `${chart}.json`), JSON.stringify(values));
}

const nameOf = ({ kind, metadata }) => `${kind} ${metadata.name}`;

function twins(objects) {
  const names = objects.map(nameOf);
  return names.filter((name, i) => names.indexOf(name) !== i);
}

function sorted(objects) {
  return Object.fromEntries(objects.map((object) => [nameOf(object), object]));
}
