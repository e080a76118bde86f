import { expect, it } from 'vitest';
import type { GroupSession } from './group-session.js';
import { createMembership } from './membership.js';

const session = {} as GroupSession;

it('is joining until it has a session, and settled while the group has given an assignment', () => {
  const membership = createMembership('orders');
  expect([membership.state, membership.session]).toEqual(['joining', null]);
  membership.joined(session);
  expect([membership.state, membership.session]).toEqual(['joined', session]);
  membership.settled(true);
  membership.settled(true);
  expect(membership.state).toBe('settled');
  membership.settled(false);
  expect(membership.state).toBe('joined');
});

it('takes no assignment while it has no session', () => {
  const membership = createMembership('orders');
  membership.settled(true);
  expect(membership.state).toBe('joining');
});

it('gives a session up once, and joins again', () => {
  const membership = createMembership('orders');
  membership.joined(session);
  membership.settled(true);
  expect([membership.giveUp(), membership.giveUp()]).toEqual([session, null]);
  expect([membership.state, membership.session]).toEqual(['joining', null]);
  membership.joined(session);
  expect(membership.state).toBe('joined');
});

it('keeps the session that leaves, which still stores offsets, and neither settles nor gives it up', () => {
  const membership = createMembership('orders');
  membership.joined(session);
  expect(membership.leave()).toBe(session);
  membership.settled(true);
  expect([membership.state, membership.session, membership.giveUp()]).toEqual(['leaving', session, null]);
});

it('refuses a second session, and any step after it has left', () => {
  const membership = createMembership('orders');
  membership.joined(session);
  expect(() => membership.joined(session)).toThrow('the membership of orders is joined and cannot become joined');
  membership.leave();
  expect(() => membership.leave()).toThrow('the membership of orders is leaving and cannot become leaving');
});

it('hears the answer of its group: an assignment, by KIP-848 the second statistics that say so, or the end', async () => {
  const membership = createMembership('orders');
  membership.joined(session);
  const answered: string[] = [];
  const ask = async (name: string) => {
    await membership.answer();
    answered.push(name);
  };
  const asked = [ask('an assignment')];
  membership.settled(false);
  membership.seenSettled(false);
  membership.seenSettled(true);
  await Promise.resolve();
  expect(answered).toEqual([]);
  membership.settled(true);
  await Promise.all(asked);
  asked.push(ask('statistics'));
  membership.seenSettled(true);
  membership.seenSettled(true);
  await Promise.all(asked);
  asked.push(ask('the end'));
  membership.leave();
  await Promise.all([...asked, ask('after the end')]);
  expect(answered).toEqual(['an assignment', 'statistics', 'the end', 'after the end']);
});
