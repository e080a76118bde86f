/** Tells on a terminal what goes on; silent where the output is not looked at. */
export interface Progress {
  say(doing: string): void;
  /** A line that stays. */
  tell(done: string): void;
  clear(): void;
}

export function createProgress(stream: NodeJS.WriteStream = process.stderr): Progress {
  if (!stream.isTTY) return { say: () => undefined, tell: () => undefined, clear: () => undefined };
  return {
    say: (doing) => void stream.write(`\r\u001b[K${doing} …`),
    tell: (done) => void stream.write(`\r\u001b[K${done}\n`),
    clear: () => void stream.write('\r\u001b[K'),
  };
}
