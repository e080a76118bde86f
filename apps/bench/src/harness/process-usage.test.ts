import { describe, expect, it } from 'vitest';
import { busySeconds, cpuSeconds, mebibytes, usage } from './process-usage.js';

describe('the usage of a process', () => {
  it('is read from /proc/PID/status', () => {
    const status = 'Name:\tnode\nVmPeak:\t 1048576 kB\nVmHWM:\t   204800 kB\nVmRSS:\t  102400 kB\n';
    expect(mebibytes(status, 'VmHWM')).toBe(200);
    expect(mebibytes(status, 'VmRSS')).toBe(100);
    expect(mebibytes(status, 'VmSwap')).toBeNaN();
  });

  it('has CPU time of /proc/PID/stat, whatever the program is called', () => {
    expect(cpuSeconds('42 (a ) b) S 1 42 42 0 -1 4194304 100 0 0 0 250 50 0 0 20 0 11 0')).toBe(3);
  });

  it('is of the whole machine what its CPUs did not idle or wait', () => {
    expect(busySeconds('cpu  1000 100 500 99999 888 20 80 7 0 0\ncpu0 1 1 1 1 1 1 1 1 0 0\n')).toBe(17);
  });

  it('is not a number for a process that is gone', () => {
    expect(usage(2 ** 30).rssMiB).toBeNaN();
  });
});
