import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { runBench } from '../harness/run-bench.js';
import { formatHtml } from '../report/html.js';
import { doubtful, failures } from '../report/outcome.js';
import type { Report } from '../report/report.js';
import { formatTable } from '../report/table.js';
import { measureAuth } from './benches/auth.js';
import { measureBacklog } from './benches/backlog.js';
import { measureBodies } from './benches/bodies.js';
import { measureEmbedded } from './benches/embedded.js';
import { measureGuard } from './benches/guard.js';
import { measureLoad } from './benches/load.js';
import { measurePartitions } from './benches/partitions.js';
import { measurePing } from './benches/ping.js';
import { measureProxies } from './benches/proxies.js';
import { measureRate } from './benches/rate.js';
import { measureSoak } from './benches/soak.js';
import { measureStart } from './benches/start.js';
import { measureTls } from './benches/tls.js';
import { measureTracing } from './benches/tracing.js';
import { prepareRun } from './measuring/bench-run.js';
import { type RequestsOptions, requestsCommand, requestsOptions } from './measuring/options.js';

const MEASURE = {
  ping: measurePing,
  load: measureLoad,
  rate: measureRate,
  bodies: measureBodies,
  partitions: measurePartitions,
  proxies: measureProxies,
  start: measureStart,
  backlog: measureBacklog,
  embedded: measureEmbedded,
  tracing: measureTracing,
  auth: measureAuth,
  tls: measureTls,
  soak: measureSoak,
};

process.exitCode = await runBench<RequestsOptions>('npx -y pnpm@10 bench', {
  title: 'Small requests through proxy and processor',
  command: requestsCommand(),
  options: requestsOptions,
  async *sections(context, options) {
    const run = await prepareRun(context, options);
    if (options.guard) {
      yield { ...(await measureGuard(run)), notes: run.notes };
      return;
    }
    for (const part of options.parts) yield { ...(await MEASURE[part](run)), notes: run.notes };
  },
  async print(report, options) {
    const written = options.out === null ? '' : await writeResults(report, options.out);
    if (options.json) return `${JSON.stringify(report, undefined, 2)}\n`;
    return `${formatTable(report.sections)}${doubts(report)}${options.guard ? count(report) : written}`;
  },
});

async function writeResults(report: Report, dir: string): Promise<string> {
  await mkdir(dir, { recursive: true });
  await writeFile(join(dir, 'result.json'), `${JSON.stringify(report, undefined, 2)}\n`);
  const page = join(dir, 'result.html');
  await writeFile(page, formatHtml(report));
  return `\n${page}\n`;
}

/** What must not be quoted, once more at the end. */
function doubts({ sections }: Report): string {
  const names = doubtful(sections).map(({ name, doubt }) => `NO RESULT: ${name} (${doubt})\n`);
  return names.length === 0 ? '' : `\n${names.join('')}`;
}

/** As every driver of CI ends. */
function count({ sections }: Report): string {
  const checks = sections.flatMap(({ entries }) => entries.filter(({ kind }) => kind === 'check'));
  const failed = failures(sections);
  const lines = failed.map(({ name, found }) => `FAILED: ${name} (${found})\n`).join('');
  return `\n${lines}${checks.length - failed.length} passed, ${failed.length} failed\n`;
}
