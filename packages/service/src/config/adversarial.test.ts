import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { processorConfig, proxyConfig } from '@kafka-http-proxy/protocol';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ConfigError } from './config-error.js';
import { environmentTable } from './environment-table.js';
import { loadConfig } from './load-config.js';
import { maskSecrets } from './mask-secrets.js';

/*
 * Configurations that nobody means. Each is a configuration that the schema takes again, or a list of
 * mistakes, a line each: never another exception, and nothing of it reaches a prototype.
 */

let folder: string;
let path: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'khp-adversarial-'));
  path = join(folder, 'test.yaml');
});
afterAll(() => rmSync(folder, { recursive: true }));

const SCHEMAS = [proxyConfig, processorConfig] as const;

function holds(text: string | Buffer | undefined, environment: Record<string, string> = {}): readonly string[] {
  if (text !== undefined) writeFileSync(path, text);
  let mistakes: readonly string[] = [];
  for (const schema of SCHEMAS) {
    try {
      const config = loadConfig({ schema, file: text === undefined ? undefined : path, environment });
      expect(schema.safeParse(config).success).toBe(true);
      expect(JSON.stringify(maskSecrets(config, schema))).toBeTypeOf('string');
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error;
      mistakes = error.mistakes;
      expect(mistakes.length).toBeGreaterThan(0);
      // One line each, and nothing that a terminal would obey.
      expect(mistakes.filter((line) => /\p{Cc}/u.test(line))).toEqual([]);
    }
  }
  expect(Reflect.get({}, 'polluted')).toBeUndefined();
  return mistakes;
}

const VALID = [
  `kafka:
  bootstrap_servers: a:1
  properties: {sasl.password: x, "security.protocol": SASL_SSL}
port: 0
routes:
- {path: /a, request_topic: b, methods: [GET], key: "header:X", timeout: 1.5}
reply_partition: all
`,
  `kafka: {bootstrap_servers: a:1}
topics:
- request_topic: a
  backend_url: http://b
  headers: {A: b}
  tls: {ca: x}
  circuit_breaker: {window: 1}
dead_letter_topic: d
`,
];

/** Each loads two configurations; `pnpm test:fuzz` goes on from here. */
const numRuns = 80;

describe('a configuration that nobody means', { timeout: 60_000 }, () => {
  it('of any bytes is a mistake, or taken', () => {
    const yamlish = fc.string({
      unit: fc.constantFrom(
        ...'{}[]:,-&*!|>\'"%@`#?~\n \tab01.<\0\x1b\u2028\ud800'.split(''),
        '<<',
        '---\n',
        '!!set',
        '*a',
      ),
      maxLength: 60,
    });
    fc.assert(
      fc.property(fc.oneof(yamlish, fc.json(), fc.string({ unit: 'binary' })), (text) => void holds(text)),
      { numRuns },
    );
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 80 }), (bytes) => void holds(Buffer.from(bytes))),
      { numRuns },
    );
  });

  it('that was one, with a part of it broken, is a mistake or taken', () => {
    const damage = fc.record({ at: fc.nat(), put: fc.string({ maxLength: 3 }), cut: fc.nat({ max: 8 }) });
    fc.assert(
      fc.property(fc.constantFrom(...VALID), fc.array(damage, { minLength: 1, maxLength: 5 }), (valid, damages) => {
        let text = valid;
        for (const { at, put, cut } of damages) {
          const position = at % (text.length + 1);
          text = text.slice(0, position) + put + text.slice(position + cut);
        }
        holds(text);
      }),
      { numRuns },
    );
  });

  it('of variables is a mistake, or taken', () => {
    const names = [...new Set(SCHEMAS.flatMap((schema) => environmentTable(schema).map(({ env }) => env)))];
    const name = fc.oneof(
      fc.constantFrom(...names, ...names.map((known) => `${known}_FILE`), '__proto__', 'KAFKA_PROPERTY___PROTO__'),
      fc.string({ maxLength: 10 }).map((rest) => `KAFKA_PROPERTY_${rest}`),
    );
    const value = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 20 }),
      fc.json({ maxDepth: 3 }),
      fc.constantFrom('1e309', '-0', 'NaN', 'Infinity', '0x10', ' 1 ', '1_000', '[', '{"__proto__":{"polluted":1}}'),
      fc.constantFrom('a:b,c,http://d', ';;;', ':::', 'a:b,c,http://u:p@d,-1,1e9,x', 'a:,,,,,,,'),
    );
    fc.assert(
      fc.property(fc.array(fc.tuple(name, value), { maxLength: 6 }), (list) => {
        // CONFIG_PATH aside, no name of a file is meant.
        holds(undefined, Object.fromEntries(list));
      }),
      { numRuns },
    );
  });

  const deep = (open: string, close: string) => open.repeat(20_000) + close.repeat(20_000);
  it.each([
    ['lists', deep('[', ']')],
    ['lists in a key', `routes: ${deep('[', ']')}`],
    ['maps', deep('{a: ', '}')],
    ['lists without an end', `routes: ${'['.repeat(20_000)}`],
    ['lists by indentation', Array.from({ length: 3000 }, (_, i) => `${' '.repeat(i)}-`).join('\n')],
    ['dashes', '- '.repeat(20_000)],
  ])('of %s nested without end is a mistake', (_what, text) => {
    const lines = holds(text);
    expect(lines.length).toBeGreaterThan(0);
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThan(1000);
  });

  it('in a variable nested without end is a mistake', () => {
    for (const name of ['ROUTES', 'KAFKA_PROPERTIES']) {
      for (const nested of [deep('[', ']'), `[${deep('{"a":', '}').replace('}', '1}')}]`]) {
        expect(holds(undefined, { [name]: nested }).length).toBeGreaterThan(0);
      }
    }
  });

  it('that multiplies by its aliases is a mistake', () => {
    const bomb = Array.from({ length: 30 }, (_, i) => `a${i}: &a${i} [${`*a${i - 1},`.repeat(i === 0 ? 0 : 10)}]`).join(
      '\n',
    );
    expect(holds(bomb).length).toBeGreaterThan(0);
    expect(holds('topics: &t [*t]\nroutes: &r [*r]\n').length).toBeGreaterThan(0);
    expect(holds('kafka: &k\n  properties: *k\n').length).toBeGreaterThan(0);
  });

  it.each([
    '__proto__: {polluted: 1}\n',
    'kafka:\n  __proto__: {polluted: 1}\n',
    'constructor: {prototype: {polluted: 1}}\n',
  ])('that reaches for a prototype is refused: %j', (text) => {
    expect(holds(text).join()).toMatch(/an unknown key/);
  });

  it('that names a property __proto__ has no such property', () => {
    const texts = ['topics: [{request_topic: a, backend_url: "http://b"}]\n', ''];
    for (const [i, schema] of [processorConfig, proxyConfig].entries()) {
      writeFileSync(path, `${texts[i]}kafka:\n  properties:\n    __proto__: {polluted: 1}\n`);
      const environment = { KAFKA_PROPERTIES: '{"__proto__":{"polluted":1}}', KAFKA_PROPERTY___PROTO__: 'x' };
      const { properties } = loadConfig({ schema, file: path, environment }).kafka;
      expect([Reflect.get(properties, 'polluted'), Object.keys(properties)]).toEqual([undefined, ['..proto..']]);
    }
  });

  it('of %YAML 1.1 with its own kinds of values is a mistake', () => {
    for (const value of ['!!set {a}', '!!omap [a: 1]', '!!binary aGk=', '2001-01-01', '!!pairs [a: 1]']) {
      expect(holds(`%YAML 1.1\n---\n${value}\n`).length, value).toBeGreaterThan(0);
      expect(holds(`%YAML 1.1\n---\nkafka: ${value}\n`).length, value).toBeGreaterThan(0);
    }
  });

  it('with a map for a key is a mistake, and what is in that map is left alone', () => {
    expect(holds('routes:\n- ? {<<: x}\n  : y\n').length).toBeGreaterThan(0);
    expect(holds('? [{<<: [1]}]\n: y\nport: soon\n').join()).toMatch(/port|topics/);
  });

  it('with line ends and escapes in a key is still a line a mistake', () => {
    expect(holds('"a\\nb\\e[31m": 1\n')).toContainEqual(expect.stringMatching(/ a\\x0ab\\x1b\[31m: an unknown key$/));
  });
});
