/** A block of commands in a guide. */
export interface Block {
  /** Where it starts in the guide; the first line is 1. */
  readonly line: number;
  /** Whether `<!-- check: run -->` stands before it. */
  readonly marked: boolean;
  readonly text: string;
  /** Its first line, shortened. */
  readonly title: string;
}

const TITLE_CHARACTERS = 90;

/** The ```bash blocks of a Markdown file, in its order. */
export function bashBlocks(guide: string): Block[] {
  const pattern = /(<!-- check: run -->\n+)?```bash\n([\s\S]*?)```/g;
  return [...guide.matchAll(pattern)].map(({ index, 0: all, 1: marker, 2: text = '' }) => ({
    line: guide.slice(0, index + all.indexOf('```bash')).split('\n').length,
    marked: marker !== undefined,
    text,
    title: shortened(text.split('\n')[0] ?? ''),
  }));
}

function shortened(line: string): string {
  return line.length > TITLE_CHARACTERS ? `${line.slice(0, TITLE_CHARACTERS - 1)}…` : line;
}
