import { checkCommand } from '../check/command.js';
import { completionCommand } from '../completion/command.js';
import { dlq } from '../dlq/command.js';
import { lagCommand } from '../lag/command.js';
import type { OperatorCommand } from '../operator/command.js';
import { requestCommand } from '../request/command.js';
import { tail } from '../tail/command.js';
import { topicsCommand } from '../topics/command.js';

/** The operator's commands, in the order of the help. */
export const OPERATOR_COMMANDS: readonly OperatorCommand[] = [
  checkCommand,
  topicsCommand,
  requestCommand,
  tail,
  lagCommand,
  dlq,
  completionCommand,
];
