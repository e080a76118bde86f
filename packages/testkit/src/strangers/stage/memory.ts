import { readFileSync, writeFileSync } from 'node:fs';

/** What a process holds, by the kernel's count (proc_pid_status(5)). */
export interface MemoryWatch {
  /** Most since the last {@link reset}, MiB; of a process that ended: as far as it was seen. */
  peakMib(): number;
  /** Now, MiB; 0 when it has ended. */
  heldMib(): number;
  /** Begins to count anew. */
  reset(): void;
  stop(): void;
}

/** How often a process is looked at that may end at any time, ms. */
const EVERY_MS = 100;

export function watchMemory(pid: number): MemoryWatch {
  let peak = 0;
  const look = () => {
    peak = Math.max(peak, statusMib(pid, 'VmHWM'));
    return peak;
  };
  const timer = setInterval(look, EVERY_MS);
  timer.unref();
  return {
    peakMib: look,
    heldMib: () => statusMib(pid, 'VmRSS'),
    reset() {
      try {
        // proc_pid_clear_refs(5): 5 resets VmHWM to what is held now.
        writeFileSync(`/proc/${pid}/clear_refs`, '5');
      } catch {
        // It ended, or the kernel has no such file: then the peak is that since its start.
      }
      peak = 0;
    },
    stop: () => clearInterval(timer),
  };
}

function statusMib(pid: number, field: 'VmHWM' | 'VmRSS'): number {
  try {
    const [, kib] = new RegExp(`^${field}:\\s+(\\d+) kB$`, 'm').exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
    return Number(kib ?? 0) / 1024;
  } catch {
    return 0;
  }
}
