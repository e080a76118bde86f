import { processorConfig, proxyConfig } from '@kafka-http-proxy/protocol';
import { checkFile, checkVariables, PROCESSOR_SEEDS, PROXY_SEEDS, VARIABLE_SEEDS } from './configurations.js';
import { checkInbox, checkRequest, INBOX_SEEDS, REQUEST_SEEDS, recordOf } from './records.js';

/** Something that takes bytes of strangers, and bytes to start from. It throws where it should not have. */
export interface FuzzTarget {
  readonly name: string;
  /** Name of the function here that the fuzzer calls. */
  readonly entry: string;
  readonly seeds: readonly Buffer[];
  /** Parts of the names of files whose branches are counted. */
  readonly instrumented: readonly string[];
}

const PROTOCOL = 'packages/protocol/dist';
const CONFIGURATION = [PROTOCOL, 'packages/service/dist/config', 'node_modules/yaml/'];

export const TARGETS: readonly FuzzTarget[] = [
  { name: 'request', entry: 'fuzzRequest', seeds: REQUEST_SEEDS, instrumented: [PROTOCOL] },
  { name: 'inbox', entry: 'fuzzInbox', seeds: INBOX_SEEDS, instrumented: [PROTOCOL] },
  { name: 'proxy-file', entry: 'fuzzProxyFile', seeds: PROXY_SEEDS, instrumented: CONFIGURATION },
  { name: 'processor-file', entry: 'fuzzProcessorFile', seeds: PROCESSOR_SEEDS, instrumented: CONFIGURATION },
  { name: 'variables', entry: 'fuzzVariables', seeds: VARIABLE_SEEDS, instrumented: CONFIGURATION },
];

export function fuzzRequest(data: Buffer): void {
  checkRequest(recordOf(data));
}

export function fuzzInbox(data: Buffer): void {
  checkInbox(recordOf(data));
}

export function fuzzProxyFile(data: Buffer): void {
  checkFile(proxyConfig, data);
}

export function fuzzProcessorFile(data: Buffer): void {
  checkFile(processorConfig, data);
}

export function fuzzVariables(data: Buffer): void {
  checkVariables(data);
}
