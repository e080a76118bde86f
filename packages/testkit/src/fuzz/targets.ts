import { processorConfig, proxyConfig } from '@kafka-http-proxy/protocol';
import { keyTable } from '@kafka-http-proxy/service';
import { checkFile, checkVariables, PROCESSOR_SEEDS, PROXY_SEEDS, VARIABLE_SEEDS } from './configurations.js';
import { checkInbox, checkRequest, INBOX_SEEDS, REQUEST_SEEDS, recordOf } from './records.js';

/** Something that takes bytes of strangers, and bytes to start from. */
export interface FuzzTarget {
  readonly name: string;
  /** @throws where it should not have */
  readonly fuzz: (data: Buffer) => void;
  readonly seeds: readonly Buffer[];
  /** Names that it knows: no number of random bytes would make one. */
  readonly words: readonly string[];
}

const METADATA = [
  ...[
    '"v":2',
    '"method":"GET"',
    '"target":"/"',
    '"headers":["A","b"]',
    '"client":"1.2.3.4"',
    '"deadline":1',
    '"more":true',
  ],
  ...[
    '"reply":["t",1]',
    '"trailers":["A","b"]',
    '"status":200',
    '"reason":"x"',
    '"error":"timeout"',
    '"took":1',
    '"seq":0',
  ],
  ...[
    '"end":true',
    '"exec":"e"',
    '"inbox":["t",1]',
    '"credit":1',
    '"cancel":true',
    '"correlation_id":"a"',
    '"path":"/a"',
  ],
  ...['"query_params":{"q":"x"}', '"body":"x"', '"client_ip":"1.2.3.4"', '"response_topic":"t"', '"status_code":200'],
];
const keys = (schema: typeof proxyConfig | typeof processorConfig) =>
  keyTable(schema).flatMap(({ key, env, default: value }) => [
    `${key.split('.').at(-1)}: ${value ?? ''}\n`,
    ...(env === undefined ? [] : [`\n${env}=${value ?? ''}`]),
  ]);
const [proxyKeys, processorKeys] = [keys(proxyConfig), keys(processorConfig)];

export const TARGETS: readonly FuzzTarget[] = [
  { name: 'request', fuzz: (data) => checkRequest(recordOf(data)), seeds: REQUEST_SEEDS, words: METADATA },
  { name: 'inbox', fuzz: (data) => checkInbox(recordOf(data)), seeds: INBOX_SEEDS, words: METADATA },
  { name: 'proxy-file', fuzz: (data) => checkFile(proxyConfig, data), seeds: PROXY_SEEDS, words: proxyKeys },
  {
    name: 'processor-file',
    fuzz: (data) => checkFile(processorConfig, data),
    seeds: PROCESSOR_SEEDS,
    words: processorKeys,
  },
  { name: 'variables', fuzz: checkVariables, seeds: VARIABLE_SEEDS, words: [...proxyKeys, ...processorKeys] },
];
