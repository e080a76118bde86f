import type Library from 'uplot';

declare global {
  /** What the script before this one leaves. */
  const uPlot: typeof Library;
}
