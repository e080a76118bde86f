import { dlq } from '../dlq/command.js';
import type { OperatorCommand } from './command.js';

/** The operator's commands, in the order of the help. */
export const OPERATOR_COMMANDS: readonly OperatorCommand[] = [dlq];
