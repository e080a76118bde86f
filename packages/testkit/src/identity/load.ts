/** Clients that ask without a pause. */
export interface Load {
  /** How often it was answered so far, by what the answer was. */
  readonly answered: Readonly<Record<string, number>>;
  /** Ends it; resolves with `answered` when the last answer is there. */
  end(): Promise<Readonly<Record<string, number>>>;
}

/** Starts clients each of which asks again when it has its answer; a failure is an answer too. */
export function startLoad(clients: number, ask: () => Promise<string | number>): Load {
  const answered: Record<string, number> = {};
  let isOver = false;
  const client = async () => {
    while (!isOver) {
      const outcome = await ask().catch((error: Error) => error.message);
      answered[outcome] = (answered[outcome] ?? 0) + 1;
    }
  };
  const all = Promise.all(Array.from({ length: clients }, client));
  return {
    answered,
    async end() {
      isOver = true;
      await all;
      return answered;
    },
  };
}
