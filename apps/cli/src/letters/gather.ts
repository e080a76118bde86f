import type { FoundLetter } from '@kafka-http-proxy/operate';
import type { Host } from '../operator/host.js';
import type { Printer } from '../output/printer.js';
import type { Progress } from '../output/progress.js';
import type { SearchFlags } from './flags.js';
import type { Letters } from './open-letters.js';
import { wantedLetters } from './wanted.js';

/** How often progress is told, in letters. */
const STEP = 1000;
/** How long nothing is told, ms. */
const AFTER_MS = 1000;

/**
 * Hands over the letters that were asked for: those that match, and are open or `--all`.
 *
 * @returns false where it was interrupted
 * @throws {FilterMistake}, {TimeMistake}; what `onLetter` throws
 */
export async function gather(
  letters: Letters,
  flags: SearchFlags,
  { host, print }: { readonly host: Host; readonly print: Printer },
  onLetter: (found: FoundLetter) => void | Promise<void>,
): Promise<boolean> {
  const isWanted = wantedLetters(flags, letters, print);
  const progress = lateProgress(() => print.progress('letters', letters.size));
  let read = 0;
  try {
    await letters.scan(
      (found) => {
        if (++read % STEP === 0) progress.at(read);
        if (found.judgement.settled !== null && !flags.all) return;
        if (isWanted(found)) return onLetter(found);
      },
      { signal: host.signal },
    );
  } finally {
    progress.end();
  }
  return !host.signal.aborted;
}

/** A bar that comes where there is something to wait for. */
function lateProgress(start: () => Promise<Progress>): Pick<Progress, 'at' | 'end'> {
  let bar: Promise<Progress> | undefined;
  let shown: Progress | undefined;
  const timer = setTimeout(() => {
    bar = start().then((progress) => (shown = progress));
  }, AFTER_MS);
  return {
    at: (done) => shown?.at(done),
    end() {
      clearTimeout(timer);
      // It may just be loading.
      void bar?.then((progress) => progress.end());
    },
  };
}
