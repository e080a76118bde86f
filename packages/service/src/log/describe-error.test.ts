import { describe, expect, it } from 'vitest';
import { describeError } from './describe-error.js';

describe('describeError', () => {
  it('joins the messages of the causes', () => {
    const cause = new Error('connect ECONNREFUSED');
    expect(describeError(new Error('no broker', { cause }))).toBe('no broker: connect ECONNREFUSED');
  });

  it('does not repeat a cause that the message has', () => {
    expect(describeError(new Error('failed: boom', { cause: new Error('boom') }))).toBe('failed: boom');
  });

  it('reads an AggregateError without a message', () => {
    expect(describeError(new AggregateError([new Error('a'), new Error('b')]))).toBe('a, b');
  });

  it('ends where causes go in a circle, and takes what is no error', () => {
    const error = new Error('round');
    error.cause = error;
    expect(describeError(error)).toBe('round');
    expect([describeError('text'), describeError(undefined)]).toEqual(['text', 'unknown error']);
  });
});
