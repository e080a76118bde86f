import { once } from 'node:events';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, it } from 'vitest';
import { timeoutSignal } from './timeout-signal.js';

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

it('ends in its time below another signal too, whatever is collected before', async () => {
  const signal = AbortSignal.any([new AbortController().signal, timeoutSignal(200)]);
  const ended = once(signal, 'abort');
  // A signal is held until the end of the turn that made it.
  await new Promise(setImmediate);
  collect();
  // Something else has to keep the process.
  const running = setInterval(() => undefined, 1000);
  await ended;
  clearInterval(running);
  expect(signal.reason).toMatchObject({ name: 'TimeoutError' });
}, 5_000);
