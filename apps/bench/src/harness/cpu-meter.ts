import { machineCpuSeconds } from './process-usage.js';
import { secondsBetween, threadTimes } from './thread-times.js';

/** CPU seconds since the meter was made: of processes by name, and of all others of the machine. */
export interface CpuMeter {
  used(): ReadonlyMap<string, number>;
}

export function createCpuMeter(pids: ReadonlyMap<string, number>): CpuMeter {
  const now = () => new Map([...pids].map(([name, pid]) => [name, threadTimes(pid)]));
  const machineBefore = machineCpuSeconds();
  const before = now();
  return {
    used() {
      const used = new Map(
        [...now()].map(([name, times]) => [name, secondsBetween(before.get(name) ?? new Map(), times)]),
      );
      const ours = [...used.values()].reduce((sum, seconds) => sum + seconds, 0);
      // Figures of a machine that does other work at the same time say little: let it be seen.
      return used.set('others', Math.max(0, machineCpuSeconds() - machineBefore - ours));
    },
  };
}

export function formatCpu(used: ReadonlyMap<string, number>): string {
  return `CPU s: ${[...used].map(([name, seconds]) => `${name} ${seconds.toFixed(1)}`).join(', ')}`;
}
