import { setFlagsFromString } from 'node:v8';

/**
 * Lets the heap grow by half between two major collections. Records that are read and dropped get old while the rest of
 * their poll is read, and would stay for long: reading 100,000 letters held 195 MiB at the peak, and 150 so, for 5 % more
 * CPU.
 */
export function collectSooner(): void {
  setFlagsFromString('--heap-growing-percent=50');
}
