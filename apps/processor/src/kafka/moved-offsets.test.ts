import { expect, it, vi } from 'vitest';
import { tellMovedOffsets } from './moved-offsets.js';

function setup() {
  const logger = { error: vi.fn(), warn: vi.fn() };
  const skipped = vi.fn();
  return { logger, skipped, tell: tellMovedOffsets({ logger, skipped }) };
}

it('counts what retention took, and says between which offsets', () => {
  const { logger, skipped, tell } = setup();
  tell({ topic: 'a', partition: 2, why: 'retention', from: 10, to: 25 });
  expect(skipped).toHaveBeenCalledWith('a', 15);
  expect(logger.error).toHaveBeenCalledWith(
    { topic: 'a', partition: 2, from: 10, to: 25, records: 15 },
    expect.anything(),
  );
});

it('counts nothing where the topic is another: all of it is read', () => {
  const { logger, skipped, tell } = setup();
  tell({ topic: 'a', partition: 2, why: 'another_topic', from: 10 });
  expect(skipped).not.toHaveBeenCalled();
  expect(logger.warn).toHaveBeenCalledWith({ topic: 'a', partition: 2, committed: 10 }, expect.anything());
});
