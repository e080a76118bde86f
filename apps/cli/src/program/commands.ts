import { completionCommand } from '../completion/command.js';
import { lagCommand } from '../lag/command.js';
import type { OperatorCommand } from '../operator/command.js';
import { DLQ } from '../replay/command.js';
import { requestCommand } from '../request/command.js';
import { tail } from '../tail/command.js';
import { topicsCommand } from '../topics/command.js';

/** The operator's commands, in the order of the help. */
export const OPERATOR_COMMANDS: readonly OperatorCommand[] = [
  topicsCommand,
  requestCommand,
  tail,
  lagCommand,
  DLQ,
  completionCommand,
];
