import type { OperatorCommand } from '../operator/command.js';

/** The words of `dlq` that write. */
export const WRITING_WORDS: readonly OperatorCommand[] = [];
