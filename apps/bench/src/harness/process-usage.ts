import { readFileSync, writeFileSync } from 'node:fs';

/** What a process used, as Linux tells it. */
export interface Usage {
  readonly rssMiB: number;
  /** Since its start, or since {@link resetPeak}. */
  readonly peakRssMiB: number;
}

/** USER_HZ: 100 on every Linux that Node runs on. */
const TICKS_PER_SECOND = 100;

/** Not a number on systems without /proc, and for a process that is gone. */
export function usage(pid: number): Usage {
  try {
    const status = readFileSync(`/proc/${pid}/status`, 'utf8');
    return { rssMiB: mebibytes(status, 'VmRSS'), peakRssMiB: mebibytes(status, 'VmHWM') };
  } catch {
    return { rssMiB: Number.NaN, peakRssMiB: Number.NaN };
  }
}

/** Begins the peak anew: each part of a run has its own. */
export function resetPeak(pid: number): void {
  try {
    // https://docs.kernel.org/filesystems/proc.html: 5 resets the peak resident set size.
    writeFileSync(`/proc/${pid}/clear_refs`, '5');
  } catch {
    // The peak is that of the whole life then.
  }
}

export function mebibytes(status: string, field: string): number {
  const [, kibibytes] = new RegExp(`^${field}:\\s+(\\d+) kB$`, 'm').exec(status) ?? [];
  return Number(kibibytes) / 1024;
}

/** User and system time since a start, of /proc/PID/stat. */
export function cpuSeconds(stat: string): number {
  // The second field is the name in parentheses, and may hold blanks; utime and stime are the 14th and 15th.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND;
}

/** Time that all CPUs of the machine were busy since it was started. */
export function machineCpuSeconds(): number {
  try {
    return busySeconds(readFileSync('/proc/stat', 'utf8'));
  } catch {
    return Number.NaN;
  }
}

export function busySeconds(stat: string): number {
  // user nice system idle iowait irq softirq steal, and guests, which are in user already.
  const [user, nice, system, , , irq, softirq] = (stat.split('\n')[0] ?? '').split(/\s+/).slice(1).map(Number);
  return [user, nice, system, irq, softirq].reduce<number>((sum, ticks) => sum + (ticks ?? 0), 0) / TICKS_PER_SECOND;
}
