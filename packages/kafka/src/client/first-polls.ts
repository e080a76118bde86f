import { CODE, errorCode } from './errors.js';
import type { RdConsumer, RdError, RdMessage } from './librdkafka.js';

/*
 * A consumer's reading loop ends without a word on an error of its group, a missing ACL for example.
 * Single polls tell, so the loop begins when they have shown that the group is there.
 */

/** How the first polls of a consumer go, and who hears of them. */
export interface FirstPolls {
  /** True when it is known that the consumer works, or is not wanted any more. */
  readonly done: () => boolean;
  /** After this no error is expected any more, ms. */
  readonly limitMs: number;
  readonly onMessage: (message: RdMessage) => void;
  /** Errors that the loop goes on after: of one topic. */
  readonly onWarning: (error: RdError) => void;
}

/** Errors that the package's loop takes for warnings. */
const WARNINGS: ReadonlySet<number> = new Set([CODE.topicNotAuthorized, CODE.unknownTopicOrPartition]);

/** Polls until it is `done`. Resolves with the error that would have ended the loop, or null. */
export async function firstPolls(client: RdConsumer, options: FirstPolls): Promise<RdError | null> {
  const { done, limitMs, onMessage, onWarning } = options;
  const endAt = Date.now() + limitMs;
  while (!done() && Date.now() < endAt && client.isConnected()) {
    const error = await new Promise<RdError | null>((resolve) => {
      client.consume(1, (failed, messages) => {
        if (!failed) for (const message of messages) onMessage(message);
        resolve(failed ?? null);
      });
    });
    if (error === null) continue;
    if (!WARNINGS.has(errorCode(error))) return error;
    onWarning(error);
  }
  return null;
}
