import { EventEmitter } from 'node:events';
import { describe, expect, it, vi } from 'vitest';
import { onStopSignals, stopBeforeLoaded } from './stop-signals.js';

function host() {
  return Object.assign(new EventEmitter(), { exit: vi.fn() });
}

describe('a process that is told to stop', () => {
  it.each(['SIGTERM', 'SIGINT'])('by %s before its service is there exits with 0', (signal) => {
    const process = host();
    stopBeforeLoaded(process);
    stopBeforeLoaded(process);
    process.emit(signal, signal);
    expect(process.exit).toHaveBeenCalledExactlyOnceWith(0);
  });

  it('leaves the signals to its service once that hears them', () => {
    const process = host();
    const stop = vi.fn();
    stopBeforeLoaded(process);
    onStopSignals(process, { stop, force: vi.fn() });
    process.emit('SIGTERM', 'SIGTERM');
    expect(stop).toHaveBeenCalledExactlyOnceWith('SIGTERM');
    expect(process.exit).not.toHaveBeenCalled();
  });
});
