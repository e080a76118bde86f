import { describe, expect, it } from 'vitest';
import { createEventParser, formatEnd, formatEvent, type StampedEvent } from './events.js';

const STREAM = `: hello\n\n${formatEvent(0, 1000.25)}${formatEvent(1, 1100)}${formatEnd(2, 1200)}`;
const EVENTS = [
  { kind: 'event', number: 0, stampMs: 1000.25 },
  { kind: 'event', number: 1, stampMs: 1100 },
  { kind: 'end', number: 2, stampMs: 1200 },
];

function parse(chunks: readonly string[]): StampedEvent[] {
  const events: StampedEvent[] = [];
  const push = createEventParser((event) => events.push(event));
  for (const chunk of chunks) push(Buffer.from(chunk));
  return events;
}

describe('the parser of events', () => {
  it('reads them however they are cut', () => {
    expect(parse([STREAM])).toEqual(EVENTS);
    expect(parse([...STREAM])).toEqual(EVENTS);
    expect(parse([STREAM.slice(0, 30), STREAM.slice(30)])).toEqual(EVENTS);
  });

  it('leaves an unfinished event alone', () => {
    expect(parse([STREAM.slice(0, -1)])).toEqual(EVENTS.slice(0, 2));
  });

  it('throws at bytes that are none, as two streams mixed up would give', () => {
    expect(() => parse(['id: 0\ndata: id: 0\ndata: 1000\n\n'])).toThrow('not an event');
  });
});
