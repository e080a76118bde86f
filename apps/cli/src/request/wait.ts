import type { Printer } from '../output/printer.js';
import { type Progress, QUIET_PROGRESS } from '../output/progress.js';

/** A bar that shows how long a reply is waited for. */
export interface Wait {
  /** Takes it away; may be called again. */
  end(): void;
}

/** Before that nobody has begun to wonder, ms. */
const PATIENCE_MS = 1000;

/** Shows, from a second on, how many seconds of its time a request has waited. */
export function watchWait(print: Pick<Printer, 'progress'>, timeoutMs: number): Wait {
  let progress: Progress = QUIET_PROGRESS;
  let over = false;
  let seconds = 0;
  const tick = async () => {
    if (++seconds === PATIENCE_MS / 1000) {
      const made = await print.progress('waiting for the reply, seconds', Math.ceil(timeoutMs / 1000));
      if (over) made.end();
      else progress = made;
    }
    progress.at(seconds);
  };
  const timer = setInterval(() => void tick(), 1000);
  return {
    end() {
      if (over) return;
      over = true;
      clearInterval(timer);
      progress.end();
    },
  };
}
