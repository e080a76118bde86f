import type { OperatorCommand } from '../operator/command.js';
import { replayWord } from '../replay/command.js';

/** The words of `dlq` that write. */
export const WRITING_WORDS: readonly OperatorCommand[] = [replayWord];
