import { setImmediate as turn } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { createFirstUse } from './first-use.js';

/** A first use whose topics become ready when the test says so. */
function setUp() {
  const asked: string[] = [];
  const answers = new Map<string, (ready: boolean) => void>();
  const firstUse = createFirstUse((topic) => {
    asked.push(topic);
    return new Promise((resolve) => answers.set(topic, resolve));
  });
  const written: string[] = [];
  const write = (topic: string, text: string): void => {
    if (firstUse.isOver(topic)) written.push(text);
    else firstUse.hold(topic, () => written.push(text));
  };
  const answer = async (topic: string, ready: boolean): Promise<void> => {
    answers.get(topic)?.(ready);
    await turn();
  };
  return { firstUse, asked, written, write, answer };
}

it('holds what is written to a new topic until it is ready, in its order, and no other topic', async () => {
  const { asked, written, write, answer } = setUp();
  write('a', 'a1');
  write('a', 'a2');
  write('b', 'b1');
  await answer('b', true);
  expect(written).toEqual(['b1']);
  write('a', 'a3');
  write('b', 'b2');
  expect(written).toEqual(['b1', 'b2']);
  await answer('a', true);
  write('a', 'a4');
  expect(written).toEqual(['b1', 'b2', 'a1', 'a2', 'a3', 'a4']);
  expect(asked).toEqual(['a', 'b']);
});

it('lets go of what is written to a topic that does not become ready, and asks again for what follows', async () => {
  const { asked, written, write, answer } = setUp();
  write('a', 'a1');
  await answer('a', false);
  expect(written).toEqual(['a1']);
  write('a', 'a2');
  expect(written).toEqual(['a1']);
  await answer('a', true);
  expect(written).toEqual(['a1', 'a2']);
  expect(asked).toEqual(['a', 'a']);
});

it('holds nothing any more once it was released', async () => {
  const { firstUse, written, write, answer } = setUp();
  write('a', 'a1');
  firstUse.release();
  write('a', 'a2');
  write('b', 'b1');
  await answer('a', true);
  expect(written).toEqual(['a1', 'a2', 'b1']);
});
