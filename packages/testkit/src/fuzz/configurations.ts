import assert from 'node:assert/strict';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { processorConfig, proxyConfig } from '@kafka-http-proxy/protocol';
import { ConfigError, environmentTable, loadConfig, maskSecrets } from '@kafka-http-proxy/service';

/*
 * Configuration files and variables, as a tired operator writes them. Each is a configuration, or a list
 * of mistakes of one line each; never another exception.
 */

type Schema = typeof proxyConfig | typeof processorConfig;
type Variables = Readonly<Record<string, string>>;

let path: string | undefined;

/** @throws whatever is not a list of mistakes */
export function checkFile(schema: Schema, data: Buffer): void {
  path ??= join(mkdtempSync(join(tmpdir(), 'config-')), 'fuzz.yaml');
  writeFileSync(path, data);
  check(schema, path, {});
}

/** Reads `NAME=value` lines, `\n` in a value written so; files are named by no variable. @throws as {@link checkFile} */
export function checkVariables(data: Buffer): void {
  const lines = data.toString('latin1').split('\n');
  const pairs = lines.map((line): [string, string] => {
    const at = line.indexOf('=');
    return [line.slice(0, Math.max(at, 0)), line.slice(at + 1).replaceAll('\\n', '\n')];
  });
  const variables = Object.fromEntries(pairs.filter(([name]) => !/_FILE$|^CONFIG_/.test(name)));
  for (const schema of [proxyConfig, processorConfig]) check(schema, undefined, variables);
}

function check(schema: Schema, file: string | undefined, environment: Variables): void {
  try {
    const config = loadConfig<Schema>({ schema, file, environment });
    assert(schema.safeParse(config).success, 'the configuration is none to its own schema');
    JSON.stringify(maskSecrets(config, schema));
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    assert(error.mistakes.length > 0);
    for (const line of error.mistakes) assert(!/\p{Cc}/u.test(line), `a mistake of several lines: ${line}`);
  }
  assert.equal(Reflect.get({}, 'polluted'), undefined);
}

export const PROXY_SEEDS: readonly Buffer[] = [
  `kafka:
  bootstrap_servers: a:1
  properties: {sasl.password: x, ssl.key.password: {file: /nowhere}}
port: 0
warmup_topics: [a, b]
routes:
- {path: /a, request_topic: b, methods: [GET], key: "header:X", timeout: 1.5}
reply_partition: all
`,
  '{"port":8080,"routes":[{"path":"/","request_topic":"a","key":"query:id"}],"wire":"v1","log_level":"warn"}',
  '%YAML 1.1\n---\n<<: &a {host: x}\nkafka: *a\n__proto__: {polluted: 1}\n',
].map((text) => Buffer.from(text));

export const PROCESSOR_SEEDS: readonly Buffer[] = [
  `kafka: {bootstrap_servers: "a:1"}
topics:
- &t
  request_topic: a
  backend_url: http://b
  headers: {A: b}
  tls: {ca: x, reject_unauthorized: false}
  circuit_breaker: {window: 1, threshold: 0.1}
  retry_statuses: [503]
- {<<: *t, request_topic: c, ordering: key}
dead_letter_topic: d
`,
  'topics: [{request_topic: a, backend_url: "https://u:p@b/x?y#z", circuit_breaker: false}]\nretry_buffer: 0x10\n',
].map((text) => Buffer.from(text));

/** Every variable with something in it, a few at a time. */
export const VARIABLE_SEEDS: readonly Buffer[] = [
  'KAFKA_TOPICS=a:b,c,http://d,30,3,7;e:f,,https://g\nCONSUMER_GROUP_A=x',
  'KAFKA_PROPERTIES={"a":"b","__proto__":{"polluted":1}}\nKAFKA_PROPERTY_SASL_PASSWORD=x',
  'ROUTES=[{"path":"/","request_topic":"a"}]\nREPLY_PARTITION=all\nWARMUP_TOPICS=a,b',
  ...[proxyConfig, processorConfig].map((schema) =>
    environmentTable(schema)
      .map(({ env, default: value }) => `${env}=${value ?? ''}`)
      .join('\n'),
  ),
].map((text) => Buffer.from(text));
