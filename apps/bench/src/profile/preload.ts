import { writeFileSync } from 'node:fs';
import { Session } from 'node:inspector';

// Loaded into a service by NODE_OPTIONS=--import. Writes, when the service ends: a CPU profile for
// Chrome's or VS Code's viewer, and what its memory was made of each 200 ms.

const prefix = process.env.BENCH_PROFILE;
if (prefix) {
  const session = new Session();
  session.connect();
  session.post('Profiler.enable');
  session.post('Profiler.setSamplingInterval', { interval: 500 });
  session.post('Profiler.start');

  const memory: NodeJS.MemoryUsage[] = [];
  setInterval(() => memory.push(process.memoryUsage()), 200).unref();

  process.once('exit', () => {
    session.post('Profiler.stop', (_, { profile }) => writeFileSync(`${prefix}.cpuprofile`, JSON.stringify(profile)));
    writeFileSync(`${prefix}.memory.json`, JSON.stringify(memory));
  });
}
