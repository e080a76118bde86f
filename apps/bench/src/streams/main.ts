import { createBenchContext } from '../harness/bench-context.js';
import { machine } from '../report/machine.js';
import { failures, type Section } from '../report/outcome.js';
import { formatTable } from '../report/table.js';
import { measureBodies } from './bodies.js';
import { measureCopy } from './copy.js';
import { measureKill } from './kill.js';
import { type Part, parseOptions, type StreamsOptions, USAGE } from './options.js';
import { measureSlowReader } from './slow.js';
import { measureEvents } from './sse.js';

const MEASURE = {
  copy: measureCopy,
  bodies: measureBodies,
  sse: measureEvents,
  slow: measureSlowReader,
  kill: measureKill,
};

process.exitCode = await main();

async function main(): Promise<number> {
  let options: StreamsOptions | null;
  try {
    options = parseOptions(process.argv.slice(2));
  } catch (error) {
    process.stderr.write(`${(error as Error).message}\n`);
    return 2;
  }
  if (options === null) {
    process.stdout.write(USAGE);
    return 0;
  }
  try {
    return await run(options);
  } catch (error) {
    process.stderr.write(`${(error as Error).stack}\n`);
    return 1;
  }
}

async function run(options: StreamsOptions): Promise<number> {
  const context = createBenchContext(process.env);
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => {
      context.progress.clear();
      void context.cleanup.run().then(() => process.exit(130));
    });
  }
  const sections: Section[] = [];
  try {
    for (const part of partsOf(options)) sections.push(await MEASURE[part](context, options));
  } finally {
    context.progress.say('stopping');
    await context.cleanup.run();
    context.progress.clear();
  }
  const failed = failures(sections);
  if (options.json) {
    const report = { date: new Date().toISOString(), machine: machine(), options, sections };
    process.stdout.write(`${JSON.stringify(report, undefined, 2)}\n`);
  } else {
    process.stdout.write(formatTable(sections));
  }
  return failed.length === 0 ? 0 : 1;
}

/** `bodies` measures the floor itself, and without a bridge there is none. */
function partsOf({ parts, direct }: StreamsOptions): readonly Part[] {
  return parts.filter((part) => part !== 'copy' || !(direct || parts.includes('bodies')));
}
