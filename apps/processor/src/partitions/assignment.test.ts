import { describe, expect, it, vi } from 'vitest';
import { Assignment, Assignments } from './assignment.js';

describe('Assignment', () => {
  it('is idle when all work has left', async () => {
    const assignment = new Assignment('t', 0, 0);
    assignment.enter();
    assignment.enter();
    const idle = vi.fn();
    const waiting = assignment.whenIdle().then(idle);
    assignment.leave();
    await Promise.resolve();
    expect(idle).not.toHaveBeenCalled();
    assignment.leave();
    await waiting;
    expect(idle).toHaveBeenCalledOnce();
  });

  it('cancels waits once on revoke, at once when it was revoked before, and not those taken back', () => {
    const assignment = new Assignment('t', 0, 0);
    const [kept, forgotten, late] = [vi.fn(), vi.fn(), vi.fn()];
    assignment.onRevoke(kept);
    assignment.onRevoke(forgotten)();
    assignment.revoke();
    assignment.revoke();
    assignment.onRevoke(late);
    expect(kept).toHaveBeenCalledOnce();
    expect(forgotten).not.toHaveBeenCalled();
    expect(late).toHaveBeenCalledOnce();
    expect(assignment.released).toBe(false);
  });
});

describe('Assignments', () => {
  it('gives a partition that comes back another assignment', () => {
    const assignments = new Assignments();
    const first = assignments.open('t', 3, 0);
    first.tracker.begin(10);
    assignments.close('t', 3)?.release();
    expect(assignments.get('t', 3)).toBeUndefined();
    const second = assignments.open('t', 3, 0);
    expect(second).not.toBe(first);
    expect(second.tracker.unfinished()).toBe(0);
    expect(first.released).toBe(true);
  });

  it('ends an assignment that is given again without having been revoked', () => {
    const assignments = new Assignments();
    const first = assignments.open('t', 0, 0);
    assignments.open('t', 0, 0);
    expect(first.released).toBe(true);
  });

  it('lists the partitions of a topic', () => {
    const assignments = new Assignments();
    for (const partition of [10, 2]) assignments.open('t', partition, 0);
    assignments.open('u', 7, 0);
    expect(assignments.partitionsOf('t')).toEqual([2, 10]);
  });
});
