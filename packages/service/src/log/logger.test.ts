import { describe, expect, it } from 'vitest';
import { createLogger } from './logger.js';

function lines(write: (logger: ReturnType<typeof createLogger>) => void): Record<string, unknown>[] {
  const texts: string[] = [];
  write(createLogger({ name: 'test', level: 'info', destination: { write: (text) => texts.push(text) } }));
  return texts.map((text) => JSON.parse(text));
}

describe('createLogger', () => {
  it('writes JSON with the name, the level as a word and an ISO time', () => {
    const [line] = lines((logger) => logger.info('hello'));
    expect(line).toMatchObject({ name: 'test', level: 'info', msg: 'hello' });
    expect(line?.time).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
  });

  it('writes nothing below its level', () => {
    expect(lines((logger) => logger.debug('hello'))).toEqual([]);
  });

  it('censors secrets', () => {
    const [line] = lines((logger) =>
      logger.info({
        password: 'hunter2',
        headers: { authorization: 'hunter2', 'set-cookie': 'hunter2' },
        request: { headers: { cookie: 'hunter2' } },
        kafka: { properties: { 'sasl.password': 'hunter2' } },
      }),
    );
    expect(JSON.stringify(line)).not.toContain('hunter2');
    expect(line).toMatchObject({ password: '***', headers: { authorization: '***' } });
  });

  it('writes the cause of an error', () => {
    const [line] = lines((logger) => logger.error({ err: new Error('a', { cause: new Error('b') }) }, 'failed'));
    expect(line).toMatchObject({ err: { message: expect.stringContaining('b') } });
  });
});
