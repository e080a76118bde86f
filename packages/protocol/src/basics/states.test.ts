import { expect, it } from 'vitest';
import { createStates, IllegalStep } from './states.js';

const door = () => createStates('the door', { open: ['shut'], shut: ['open', 'locked'], locked: [] }, 'open');

it('goes by the steps of its table', () => {
  const states = door();
  states.to('shut');
  states.to('open');
  expect([states.now, states.is('shut', 'open'), states.is('locked')]).toEqual(['open', true, false]);
});

it('refuses any other step in a sentence that says what would be legal, and stays where it was', () => {
  const states = door();
  expect(() => states.to('locked')).toThrow(
    new IllegalStep('the door is open and cannot become locked: it goes on to shut only'),
  );
  expect(states.now).toBe('open');
});

it('ends in a state that none follows', () => {
  const states = door();
  states.to('shut');
  states.to('locked');
  expect(() => states.to('open')).toThrow('the door is locked and cannot become open: it goes on to no other state');
});
