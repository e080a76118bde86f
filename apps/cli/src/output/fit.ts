/** How a column may give way where there is little room. */
export interface Flexible {
  readonly title: string;
  /** The text may be cut to so many characters; left out: it is never cut. */
  readonly least?: number;
  /** Which end of a cut text stays: its beginning, when left out. */
  readonly keep?: 'end';
  /** The column may be left out, that with the lowest number first; left out: it never is. */
  readonly drop?: number;
}

/** What stays of a column. */
export interface Fitted<C> {
  readonly column: C;
  /** Characters that it may take. */
  readonly width: number;
}

/** Between two columns. */
export const GAP = 2;

/**
 * Chooses columns and their widths so that a line fits: as few are left out as can be, and what is left over goes to those
 * that are cut. Where nothing more can give way, it is wider.
 *
 * @param widths what each column would take
 * @param room characters of a line
 */
export function fit<C extends Flexible>(columns: readonly C[], widths: readonly number[], room: number): Fitted<C>[] {
  const leastOf = ({ column: { least }, width }: Fitted<C>) => (least === undefined ? width : Math.min(width, least));
  let kept = columns.map((column, i): Fitted<C> => ({ column, width: widths[i] ?? 0 }));
  const total = (list: readonly Fitted<C>[], of: (one: Fitted<C>) => number) =>
    list.reduce((sum, one) => sum + of(one), GAP * Math.max(0, list.length - 1));
  while (total(kept, leastOf) > room) {
    const [next] = kept
      .filter(({ column }) => column.drop !== undefined)
      .sort((a, b) => (a.column.drop ?? 0) - (b.column.drop ?? 0));
    if (next === undefined) break;
    kept = kept.filter((one) => one !== next);
  }
  let slack = Math.max(0, room - total(kept, leastOf));
  const widthOf = new Map(kept.map((one) => [one, leastOf(one)]));
  // Those that lack least first: more of them are whole so.
  for (const one of [...kept].sort((a, b) => a.width - leastOf(a) - (b.width - leastOf(b)))) {
    const more = Math.min(slack, one.width - leastOf(one));
    widthOf.set(one, leastOf(one) + more);
    slack -= more;
  }
  return kept.map((one) => ({ column: one.column, width: widthOf.get(one) ?? one.width }));
}

/** A text of at most so many characters; what is cut is shown by `…`. */
export function cutTo(text: string, width: number, keep?: 'end'): string {
  if (text.length <= width) return text;
  const rest = Math.max(0, width - 1);
  return keep === 'end' ? `…${rest === 0 ? '' : text.slice(-rest)}` : `${text.slice(0, rest)}…`;
}
