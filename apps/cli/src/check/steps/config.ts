import type { CheckStep, Finding } from '@kafka-http-proxy/operate';
import { shellWord } from '@kafka-http-proxy/operate';
import type { ProcessorConfig, ProxyConfig } from '@kafka-http-proxy/protocol';
import { configuredRequestTopics, hasStreams } from '@kafka-http-proxy/proxy';
import type { TierConfig } from '../../connection/configurations.js';
import type { Loaded } from '../given/access.js';

/** The configurations, each for itself, then against each other where both tiers are known. */
export function configSteps({ tiers, mistakes, accesses }: Loaded): CheckStep[] {
  const proxies = tiers.flatMap((one) => (one.tier === 'proxy' ? [one] : []));
  const processors = tiers.flatMap((one) => (one.tier === 'processor' ? [one] : []));
  const across = (
    id: string,
    judge: (proxy: ProxyConfig, processors: readonly Processor[], source: string) => Finding[],
  ): CheckStep => ({
    id,
    needs: ['config.load'],
    look: () => proxies.flatMap(({ config, source }) => judge(config, processors, source)),
  });
  const both = proxies.length > 0 && processors.length > 0;
  return [
    { id: 'config.load', needs: [], look: () => judgeLoading(tiers, mistakes, accesses.length) },
    ...(both
      ? [
          across('config.topics', judgeTopics),
          across('config.control', judgeControl),
          across('config.dead-letters', judgeDeadLetters),
          across('config.timeout', judgeTimeouts),
        ]
      : []),
  ];
}

/** The option that names a configuration; nothing where it is that of the environment. */
function configWords(option: string, source: string): string {
  return source === 'environment' ? '' : ` ${option} ${shellWord(source)}`;
}

interface Processor {
  readonly source: string;
  readonly config: ProcessorConfig;
}

function judgeLoading(tiers: readonly TierConfig[], mistakes: readonly string[], ways: number): Finding[] {
  const failed = mistakes.flatMap((text) => text.split('\n')).map((what): Finding => ({ state: 'FAIL', what }));
  const loaded = tiers.map(
    ({ tier, source }): Finding => ({ state: 'ok', what: `${source}: a configuration of the ${tier}` }),
  );
  if (failed.length + loaded.length > 0) return [...failed, ...loaded];
  return [
    {
      state: 'skip',
      what: ways > 0 ? 'no configuration was given: of topics, groups and ACLs nothing is known' : 'nothing was given',
    },
  ];
}

/** Every request topic of the proxy has to be read by somebody. */
function judgeTopics(proxy: ProxyConfig, processors: readonly Processor[]): Finding[] {
  const read = new Set(processors.flatMap(({ config }) => config.topics.map((topic) => topic.request_topic)));
  const unread = [...configuredRequestTopics(proxy)].filter((topic) => !read.has(topic));
  if (unread.length === 0) return [{ state: 'ok', what: 'each request topic of the proxy has a processor' }];
  const [only] = read;
  return unread.map((topic) => ({
    state: 'FAIL',
    what: `the proxy writes requests to ${topic}, which no given processor reads: they end as 504. Processors read ${[...read].join(', ')}`,
    // Where a proxy and a processor have one topic each, they are meant to be the same.
    fix:
      read.size === 1 && proxy.routes.length === 0
        ? `export DEFAULT_REQUEST_TOPIC=${shellWord(String(only))}`
        : `kafka-http-proxy topics list${processors.map(({ source }) => configWords('-c', source)).join('')}`,
  }));
}

/** Streams are steered over one topic. */
function judgeControl(proxy: ProxyConfig, processors: readonly Processor[]): Finding[] {
  const streaming = processors.filter(({ config }) => config.max_streams > 0);
  if (!hasStreams(proxy) || streaming.length === 0)
    return [{ state: 'ok', what: 'no streams: control_topic is not used' }];
  const other = streaming.find(({ config }) => config.control_topic !== proxy.control_topic);
  if (other === undefined) return [{ state: 'ok', what: `control_topic is ${proxy.control_topic} for both tiers` }];
  const { control_topic: theirs } = other.config;
  return [
    {
      state: 'FAIL',
      what: `control_topic is ${proxy.control_topic} for the proxy and ${theirs} for the processor: bodies longer than a record fail`,
      fix: `export CONTROL_TOPIC=${shellWord(theirs)}`,
    },
  ];
}

/** The proxy refuses requests to the topic that the processor dead-letters to. */
function judgeDeadLetters(proxy: ProxyConfig, processors: readonly Processor[]): Finding[] {
  const topics = [...new Set(processors.map(({ config }) => config.dead_letter_topic))];
  const theirs = topics.find((topic) => topic !== proxy.dead_letter_topic);
  if (topics.length === 0 || (theirs === undefined && topics.length === 1 && topics[0] === proxy.dead_letter_topic)) {
    return [{ state: 'ok', what: `dead_letter_topic is ${proxy.dead_letter_topic ?? 'none'} for both tiers` }];
  }
  if (theirs === undefined) {
    return [
      {
        state: 'warn',
        what: `dead_letter_topic is ${proxy.dead_letter_topic} for the proxy and none for the processor: what fails for good is kept nowhere`,
        fix: `export DEAD_LETTER_TOPIC=${shellWord(String(proxy.dead_letter_topic))}`,
      },
    ];
  }
  const differs = proxy.dead_letter_topic !== undefined;
  return [
    {
      // Left out by the proxy it only means that requests may name it.
      state: differs ? 'FAIL' : 'warn',
      what: `dead_letter_topic is ${proxy.dead_letter_topic ?? 'none'} for the proxy and ${theirs} for the processor: clients could write to it`,
      fix: `export DEAD_LETTER_TOPIC=${shellWord(theirs)}`,
    },
  ];
}

/** A proxy that gives up before the processor does answers 504 to what is carried out all the same. */
function judgeTimeouts(proxy: ProxyConfig, processors: readonly Processor[], source: string): Finding[] {
  const topics = new Map(
    processors.flatMap(({ config }) => config.topics.map((topic) => [topic.request_topic, topic])),
  );
  const waits = [
    ...proxy.routes.map(({ request_topic: topic, timeout, path }) => ({ topic, timeout, path })),
    ...[...configuredRequestTopics(proxy)].map((topic) => ({ topic, timeout: undefined, path: undefined })),
  ].filter(({ topic, path }) => path !== undefined || !proxy.routes.some((route) => route.request_topic === topic));
  const short = waits.flatMap(({ topic, timeout = proxy.default_timeout, path }): Finding[] => {
    const longest = topics.get(topic)?.timeout;
    if (longest === undefined || timeout >= longest) return [];
    const where = path === undefined ? 'default_timeout' : `the timeout of ${path}`;
    return [
      {
        state: 'warn',
        what: `${where} is ${timeout} s, and the processor lets a backend of ${topic} take ${longest} s: clients get 504 for what is carried out`,
        fix:
          path === undefined
            ? `export DEFAULT_TIMEOUT=${longest}`
            : `kafka-http-proxy proxy --check${configWords('--config', source)}`,
      },
    ];
  });
  return short.length > 0 ? short : [{ state: 'ok', what: 'the proxy waits for as long as backends may take' }];
}
