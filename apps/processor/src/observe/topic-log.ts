import type { ErrorCode, TopicConfig } from '@kafka-http-proxy/protocol';
import { describeError, type FloodGuard, type Logger } from '@kafka-http-proxy/service';
import type { TopicEvents } from '../attempts/topic-events.js';
import type { GateState } from '../dispatch/work.js';

const HELD_OFF: Readonly<Record<TopicConfig['on_unhealthy'], string>> = {
  fail_fast: 'requests are held off from it',
  pause: 'its topic is paused, and requests wait',
};

/**
 * The lines in the log about topics: breakers that open and close, replies that broke off.
 *
 * @example
 * const { onBreaker } = createTopicLog(logger, flood);
 * onBreaker(topicConfig, 'open');
 */
export function createTopicLog(
  logger: Pick<Logger, 'warn' | 'info'>,
  flood: Pick<FloodGuard, 'warn'>,
): Pick<TopicEvents, 'onBreaker' | 'onCut'> {
  return {
    onBreaker(topic: TopicConfig, state: GateState) {
      const facts = { topic: topic.request_topic, backend: topic.backend_url, state };
      if (state === 'open') logger.warn(facts, `the backend fails often: ${HELD_OFF[topic.on_unhealthy]}`);
      else logger.info(facts, `the circuit breaker is ${state.replace('_', ' ')}`);
    },
    onCut(topic: TopicConfig, correlationId: string | null, code: ErrorCode, cause: unknown, trace = {}) {
      const facts = { correlationId, code, topic: topic.request_topic, cause: describeError(cause), ...trace };
      flood.warn(`cut ${code}`, facts, 'a reply was broken off after it had begun');
    },
  };
}
