import { Writable } from 'node:stream';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createLogWriter } from './log-writer.js';
import { createLogger } from './logger.js';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** A log whose reader takes nothing until `read` is called. */
function setUp({ maxBytes = 1000, fails = false } = {}) {
  const texts: string[] = [];
  const errors: string[] = [];
  let reading = false;
  let goOn: (() => void) | null = null;
  const target = new Writable({
    decodeStrings: false,
    highWaterMark: 100,
    write(chunk, _encoding, done) {
      if (fails) return done(new Error('EPIPE'));
      texts.push(chunk);
      if (reading) done();
      else goOn = done;
    },
  });
  const writer = createLogWriter({ target, lastResort: { write: (text) => errors.push(text) }, maxBytes });
  const logger = createLogger({ name: 'test', level: 'info', destination: writer });
  writer.onResumed((lines) => logger.error({ dropped: lines }, 'told'));
  const read = () => {
    reading = true;
    goOn?.();
    goOn = null;
  };
  const lines = () =>
    texts.flatMap((text) =>
      text
        .split('\n')
        .filter((line) => line !== '')
        .map((line) => JSON.parse(line)),
    );
  return { writer, logger, read, errors, lines };
}

describe('a log that nobody reads', () => {
  it('holds lines up to its bound, drops and counts the rest, and says how many once it is read', async () => {
    const { writer, logger, read, lines } = setUp();
    for (let i = 0; i < 100; i++) logger.info({ i }, 'line');
    expect(writer.dropped()).toBeGreaterThan(80);
    const dropped = writer.dropped();
    read();
    await vi.waitFor(() => expect(lines().at(-1)).toMatchObject({ msg: 'told', dropped }));
    expect(lines()).toHaveLength(100 - dropped + 1);
    logger.info('again');
    await vi.waitFor(() => expect(lines().at(-1)).toMatchObject({ msg: 'again' }));
    expect(writer.dropped()).toBe(dropped);
  });

  it('keeps room for the line that tells of an end', async () => {
    const { logger, read, lines } = setUp();
    for (let i = 0; i < 100; i++) logger.info('line');
    logger.fatal('the end');
    read();
    await vi.waitFor(() => expect(lines().map(({ msg }) => msg)).toContain('the end'));
  });

  it('is waited for so long and no longer at the end, whose line then goes to the last resort', async () => {
    const { writer, logger, errors } = setUp();
    logger.info('line');
    logger.fatal('the end');
    const flushed = writer.flush(1000);
    await vi.advanceTimersByTimeAsync(999);
    expect(errors).toEqual([]);
    await vi.advanceTimersByTimeAsync(1);
    expect(await flushed).toBe(false);
    expect(errors.map((text) => JSON.parse(text).msg)).toEqual(['the end']);
  });

  it('is whole at the end where it is read', async () => {
    const { writer, logger, read, errors, lines } = setUp();
    logger.info('line');
    logger.fatal('the end');
    const flushed = writer.flush(1000);
    read();
    expect(await flushed).toBe(true);
    expect(lines().map(({ msg }) => msg)).toEqual(['line', 'the end']);
    expect(errors).toEqual([]);
  });

  it('whose reader has gone counts its lines, and is no failure', async () => {
    const { writer, logger } = setUp({ fails: true });
    logger.info('line');
    await vi.waitFor(() => expect(writer.dropped()).toBe(1));
  });
});

describe('lines that give way', () => {
  const line = `${JSON.stringify({ msg: 'access', text: 'x'.repeat(60) })}\n`;

  it('leave half of the room to others, and are counted where they are dropped', async () => {
    const { writer, logger, read, lines } = setUp({ maxBytes: 2000 });
    for (let i = 0; i < 50; i++) writer.offer([line]);
    const dropped = writer.dropped();
    expect(dropped).toBeGreaterThan(30);
    // Of a failure there is still word.
    logger.warn('a failure');
    expect(writer.dropped()).toBe(dropped);
    read();
    await vi.waitFor(() => expect(lines().at(-1)).toMatchObject({ msg: 'told', dropped }));
    expect(lines().filter(({ msg }) => msg === 'a failure')).toHaveLength(1);
    writer.offer([line, line]);
    await vi.waitFor(() => expect(lines().at(-1)).toMatchObject({ msg: 'access' }));
    expect(writer.dropped()).toBe(dropped);
  });

  it('are counted each, where several are dropped at once or can not be written', async () => {
    const { writer } = setUp({ maxBytes: 2000 });
    writer.offer(Array(100).fill(line));
    expect(writer.dropped()).toBe(100);
    const broken = setUp({ fails: true });
    broken.writer.offer([line, line, line]);
    await vi.waitFor(() => expect(broken.writer.dropped()).toBe(3));
  });
});
