import { runBench } from '../harness/run-bench.js';
import { formatTable } from '../report/table.js';
import { measureBodies } from './bodies.js';
import { measureCopy } from './copy.js';
import { measureKill } from './kill.js';
import { type Part, type StreamsOptions, streamsCommand, streamsOptions } from './options.js';
import { measureSlowReader } from './slow.js';
import { measureEvents } from './sse.js';

const MEASURE = {
  copy: measureCopy,
  bodies: measureBodies,
  sse: measureEvents,
  slow: measureSlowReader,
  kill: measureKill,
};

process.exitCode = await runBench<StreamsOptions>('npx -y pnpm@10 bench:streams', {
  title: 'Bodies of any size and replies that stream',
  command: streamsCommand(),
  options: streamsOptions,
  async *sections(context, options) {
    for (const part of partsOf(options)) yield await MEASURE[part](context, options);
  },
  print: (report, options) =>
    options.json ? `${JSON.stringify({ ...report, options }, undefined, 2)}\n` : formatTable(report.sections),
});

/** `bodies` measures the floor itself, and without a bridge there is none. */
function partsOf({ parts, direct }: StreamsOptions): readonly Part[] {
  return parts.filter((part) => part !== 'copy' || !(direct || parts.includes('bodies')));
}
