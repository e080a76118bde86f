import { processorConfig, proxyConfig } from '@kafka-http-proxy/protocol';
import { expect, it } from 'vitest';
import type { TierConfig } from '../connection/configurations.js';
import { demandDestination, letterTopics } from './letter-topics.js';

const processor: TierConfig = {
  tier: 'processor',
  source: 'file',
  config: processorConfig.parse({
    topics: [{ request_topic: 'orders', response_topic: 'answers', backend_url: 'http://b' }],
    dead_letter_topic: 'others-letters',
    control_topic: 'control',
  }),
};
const routes = [{ path: '/a', request_topic: 'routed', response_topic: 'routed-answers' }];
function proxy(allowed: string[]): TierConfig {
  const config = { default_request_topic: 'none', routes, allowed_topics: allowed, control_topic: 'control' };
  return { tier: 'proxy', source: 'file', config: proxyConfig.parse(config) };
}
/** What no letter may have a request or an answer written to. */
const OWN = ['failed', 'failed-marks', 'others-letters', 'others-letters-marks', 'control', '__consumer_offsets', '_x'];

it('lets letters go to the request topics of the configurations, and those that clients may name', () => {
  const { isRequestTopic } = letterTopics([processor, proxy(['free-*'])], 'failed');
  expect(['orders', 'routed', 'free-1'].filter(isRequestTopic)).toEqual(['orders', 'routed', 'free-1']);
  expect(['payments', 'common-requests', 'answers', ...OWN].filter(isRequestTopic)).toEqual([]);
});

it('writes no request where clients may name any topic, but this one has replies, credit or letters', () => {
  const { isRequestTopic } = letterTopics([processor, proxy(['*'])], 'failed');
  expect(['orders', 'payments'].filter(isRequestTopic)).toEqual(['orders', 'payments']);
  expect(['answers', 'routed-answers', 'common-responses', ...OWN].filter(isRequestTopic)).toEqual([]);
});

it('without a configuration takes any topic that is none of Kafka, of tools, of the letters or of control', () => {
  const { isRequestTopic, isReplyTopic } = letterTopics([], 'failed');
  const names = ['orders', '__consumer_offsets', '_schemas', 'failed', 'failed-marks', 'khp-control'];
  expect(names.filter(isRequestTopic)).toEqual(['orders']);
  expect(names.filter(isReplyTopic)).toEqual(['orders']);
});

it('asks for no reply in a topic of requests, of letters, of control or of Kafka', () => {
  const { isReplyTopic } = letterTopics([processor, proxy(['*'])], 'failed');
  expect(['answers', 'named-by-a-client'].filter(isReplyTopic)).toEqual(['answers', 'named-by-a-client']);
  expect(['orders', 'routed', ...OWN].filter(isReplyTopic)).toEqual([]);
});

it('sends nothing to a topic that can have no requests, also where it is told to', () => {
  for (const to of [...OWN, 'answers', '../x', '']) {
    expect(() => demandDestination(to, [processor], 'failed'), to).toThrow('--to: a request topic was expected');
  }
  for (const to of ['orders', 'repairs']) expect(() => demandDestination(to, [processor], 'failed')).not.toThrow();
});
