import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runProgram } from '@kafka-http-proxy/testkit';
import { type ClosedLoad, type LoadResult, NO_LATENCIES } from './load-result.js';

/** True where wrk (https://github.com/wg/wrk) is installed. */
export async function hasWrk(): Promise<boolean> {
  // Without arguments it tells its usage, and fails.
  return await runProgram('wrk', ['-v']).then(
    ({ output }) => output.startsWith('wrk'),
    () => false,
  );
}

/**
 * A closed loop: each connection asks again when it has its answer. By wrk, which takes a tenth of the time of
 * a client in Node: what is measured shares the machine with it.
 *
 * @throws {Error} when wrk fails
 */
export async function runWrk({
  url,
  connections,
  seconds,
  bodyBytes,
  keys,
  authorization,
}: ClosedLoad): Promise<LoadResult> {
  const dir = await mkdtemp(join(tmpdir(), 'khp-bench-'));
  const script = join(dir, 'report.lua');
  await writeFile(
    script,
    [
      authorization === undefined ? '' : saying(authorization),
      bodyBytes > 0 ? post(bodyBytes) : '',
      keys > 0 ? inTurn(keys) : '',
      REPORT,
    ].join('\n'),
  );
  const args = ['-t', '1', '-c', String(connections), '-d', `${seconds}s`, '--timeout', '30s', '-s', script, url];
  const { code, output } = await runProgram('wrk', args);
  await rm(dir, { recursive: true });
  const [, json] = /^KHP (\{.*\})$/m.exec(output) ?? [];
  if (code !== 0 || json === undefined) throw new Error(`wrk ended with ${code}:\n${output}`);
  const told = JSON.parse(json) as WrkReport;
  const { requests, failed } = told;
  if (requests === 0) return { requests, failed, perSecond: 0, ...NO_LATENCIES };
  return {
    requests,
    failed,
    perSecond: (requests - failed) / (told.durationUs / 1e6),
    p50Ms: told.p50 / 1000,
    p90Ms: told.p90 / 1000,
    p99Ms: told.p99 / 1000,
    p999Ms: told.p999 / 1000,
    maxMs: told.max / 1000,
  };
}

/** Times are in microseconds. */
interface WrkReport {
  readonly requests: number;
  readonly failed: number;
  readonly durationUs: number;
  readonly p50: number;
  readonly p90: number;
  readonly p99: number;
  readonly p999: number;
  readonly max: number;
}

const saying = (authorization: string) => `wrk.headers["Authorization"] = ${JSON.stringify(authorization)}\n`;

const post = (bytes: number) => `wrk.method = "POST"\nwrk.body = string.rep("x", ${bytes})\n`;

const inTurn = (keys: number) => `
local key = 0
request = function()
  key = (key + 1) % ${keys}
  wrk.headers["X-Kafka-Key"] = key
  return wrk.format()
end
`;

const REPORT = `
done = function(summary, latency)
  local e = summary.errors
  io.write(string.format(
    'KHP {"requests":%d,"failed":%d,"durationUs":%d,"p50":%d,"p90":%d,"p99":%d,"p999":%d,"max":%d}\\n',
    summary.requests, e.status + e.connect + e.read + e.write + e.timeout, summary.duration,
    latency:percentile(50), latency:percentile(90), latency:percentile(99), latency:percentile(99.9), latency.max))
end
`;
