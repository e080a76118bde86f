import { type ProcessorConfig, type ProxyConfig, processorConfig, proxyConfig } from '@kafka-http-proxy/protocol';
import { expect, it } from 'vitest';
import type { TierConfig } from '../../connection/configurations.js';
import { configSteps } from './config.js';

const TOPIC = { request_topic: 'common-requests', backend_url: 'http://b' };

/** The findings of one check, with what these configurations change. */
async function find(
  id: string,
  proxy: Partial<ProxyConfig> | object,
  processor: Partial<ProcessorConfig> | object = {},
) {
  const tiers: TierConfig[] = [
    { tier: 'proxy', source: 'proxy.yaml', config: proxyConfig.parse(proxy) },
    { tier: 'processor', source: 'processor.yaml', config: processorConfig.parse({ topics: [TOPIC], ...processor }) },
  ];
  const step = configSteps({ tiers, mistakes: [], accesses: [] }).find((one) => one.id === id);
  return (await step?.look()) ?? [];
}

it('finds nothing where tiers fit together', async () => {
  for (const id of ['config.load', 'config.topics', 'config.control', 'config.dead-letters', 'config.timeout']) {
    const states = (await find(id, {})).map(({ state }) => state);
    expect(new Set(states), id).toEqual(new Set(['ok']));
  }
});

it('misses the processor of a request topic', async () => {
  expect(await find('config.topics', { default_request_topic: 'orders' })).toMatchObject([
    {
      state: 'FAIL',
      what: expect.stringMatching(/requests to orders, .* Processors read common-requests$/),
      fix: 'export DEFAULT_REQUEST_TOPIC=common-requests',
    },
  ]);
  const routes = [
    { path: '/a', request_topic: 'a' },
    { path: '/b', request_topic: 'common-requests' },
  ];
  const [finding, ...others] = await find('config.topics', { routes });
  expect([finding?.state, finding?.fix, others]).toEqual([
    'FAIL',
    'kafka-http-proxy topics list -c processor.yaml',
    [],
  ]);
});

it('wants one control topic, where there are streams', async () => {
  const other = { control_topic: 'other' };
  expect(await find('config.control', {}, other)).toMatchObject([{ state: 'FAIL', fix: 'export CONTROL_TOPIC=other' }]);
  expect(await find('config.control', {}, { ...other, max_streams: 0 })).toMatchObject([{ state: 'ok' }]);
  expect(await find('config.control', { wire: 'v1' }, other)).toMatchObject([{ state: 'ok' }]);
});

it('wants one dead-letter topic', async () => {
  const dead = (name: string) => ({ dead_letter_topic: name });
  const fix = 'export DEAD_LETTER_TOPIC=a';
  expect(await find('config.dead-letters', dead('a'), dead('a'))).toMatchObject([{ state: 'ok' }]);
  expect(await find('config.dead-letters', dead('b'), dead('a'))).toMatchObject([{ state: 'FAIL', fix }]);
  expect(await find('config.dead-letters', {}, dead('a'))).toMatchObject([{ state: 'warn', fix }]);
  expect(await find('config.dead-letters', dead('a'), {})).toMatchObject([{ state: 'warn', fix }]);
});

it('warns of a proxy that does not wait for as long as a backend may take', async () => {
  const slow = { topics: [{ ...TOPIC, timeout: 60 }] };
  expect(await find('config.timeout', {}, slow)).toMatchObject([{ state: 'warn', fix: 'export DEFAULT_TIMEOUT=60' }]);
  expect(await find('config.timeout', { default_timeout: 60 }, slow)).toMatchObject([{ state: 'ok' }]);
  const routes = [{ path: '/a', request_topic: 'common-requests', timeout: 5 }];
  const [finding] = await find('config.timeout', { routes, default_timeout: 90 }, slow);
  expect(finding).toMatchObject({ state: 'warn', what: expect.stringContaining('the timeout of /a is 5 s') });
  expect(finding?.fix).toBe('kafka-http-proxy proxy --check --config proxy.yaml');
});

it('says what is wrong with a configuration, a line each', async () => {
  const [load] = configSteps({ tiers: [], mistakes: ['a.yaml:1: x\na.yaml:2: y'], accesses: [] });
  expect(await load?.look()).toEqual([
    { state: 'FAIL', what: 'a.yaml:1: x' },
    { state: 'FAIL', what: 'a.yaml:2: y' },
  ]);
});
