import { runDriver } from '@kafka-http-proxy/testkit';
import type { Command } from 'commander';
import { machine } from '../report/machine.js';
import { failures, type Section } from '../report/outcome.js';
import type { Report } from '../report/report.js';
import { type BenchContext, createBenchContext } from './bench-context.js';

/** One program of benchmarks. */
export interface Bench<Options> {
  readonly title: string;
  readonly command: Command;
  /** What the command is asked for, when it has its words. */
  options(command: Command): Options;
  /** Measures, part after part; each section is told when it is there. */
  sections(context: BenchContext, options: Options): AsyncIterable<Section>;
  /** What is printed at the end. */
  print(report: Report, options: Options): Promise<string> | string;
}

/**
 * Runs a program of benchmarks to its end, whatever happens: what it started is stopped.
 *
 * @param command how it is called, without its arguments
 * @returns the exit code: 2 for a wrong call, 1 where something failed or arrived wrong
 */
export function runBench<Options>(command: string, bench: Bench<Options>): Promise<number> {
  return runDriver(bench.command, () => run(command, bench));
}

async function run<Options>(command: string, bench: Bench<Options>): Promise<number> {
  const options = bench.options(bench.command);
  try {
    const sections = await measure(bench, options);
    const report: Report = {
      title: bench.title,
      date: new Date().toISOString(),
      command: [command, ...process.argv.slice(2)].join(' '),
      machine: machine(),
      sections,
    };
    process.stdout.write(await bench.print(report, options));
    return failures(sections).length === 0 ? 0 : 1;
  } catch (error) {
    process.stderr.write(`${(error as Error).stack}\n`);
    return 1;
  }
}

async function measure<Options>(bench: Bench<Options>, options: Options): Promise<Section[]> {
  const context = createBenchContext(process.env);
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    // Each time: a process group gets it twice, and what was started is ended all the same.
    process.on(signal, () => {
      context.progress.clear();
      void context.cleanup.run().then(() => process.exit(130));
    });
  }
  const sections: Section[] = [];
  try {
    for await (const section of bench.sections(context, options)) sections.push(section);
  } finally {
    context.progress.say('stopping');
    await context.cleanup.run();
    context.progress.clear();
  }
  return sections;
}
