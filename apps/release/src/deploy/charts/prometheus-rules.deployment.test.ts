import { expect, inject, it } from 'vitest';
import { type Rule, readRules } from '../../alerts/rules.js';
import { createRenderer, IMAGE } from './render.js';

const render = createRenderer(inject('deployment').helm);
const version = inject('kubernetesVersions').at(-1) as string;

/** The rules of a chart, as the operator gets them. */
async function rulesOf(chart: 'proxy' | 'processor', ...sets: string[]): Promise<Rule[]> {
  const values = [...IMAGE, '--set', 'prometheusRule.enabled=true', ...sets.flatMap((set) => ['--set', set])];
  const objects = await render({ chart: `docker/helm/${chart}`, values, version });
  const made = objects.filter(({ kind }) => kind === 'PrometheusRule');
  const groups = made.flatMap(({ spec }) => (spec as unknown as { groups: { rules: Rule[] }[] }).groups);
  return groups.flatMap(({ rules }) => rules);
}

const names = (rules: readonly Rule[]) => rules.flatMap(({ alert = [] }) => alert);

it('the two charts have the rules of docker/prometheus/alerts.yaml between them, each once', async () => {
  expect([...(await rulesOf('proxy')), ...(await rulesOf('processor'))]).toEqual(readRules());
});

it('an alert that is disabled is left out, and no other', async () => {
  const all = names(await rulesOf('proxy'));
  const some = names(await rulesOf('proxy', 'prometheusRule.disabled={KafkaHttpProxyClientsGoAway}'));
  expect(some).toEqual(all.filter((name) => name !== 'KafkaHttpProxyClientsGoAway'));
});

it('processors that may be scaled to none are not missed', async () => {
  const of = async (min: number) => names(await rulesOf('processor', 'keda.enabled=true', `keda.minReplicas=${min}`));
  expect(await of(1)).toContain('KafkaHttpProxyProcessorAbsent');
  expect(await of(0)).not.toContain('KafkaHttpProxyProcessorAbsent');
});
