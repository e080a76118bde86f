import { checkCommand } from '../check/command.js';
import { lagCommand } from '../lag/command.js';
import { topicsCommand } from '../topics/command.js';
import type { OperatorCommand } from './command.js';

/** The operator's commands, in the order of the help. */
export const OPERATOR_COMMANDS: readonly OperatorCommand[] = [checkCommand, topicsCommand, lagCommand];
