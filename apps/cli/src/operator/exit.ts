/** Exit codes of the operator's commands; `request` has curl's beside them. */
export const EXIT = {
  done: 0,
  /** It ran, and something is not well. */
  notWell: 1,
  /** The command line or a configuration can't be used. */
  usage: 2,
  /** Ctrl-C. */
  interrupted: 130,
} as const;

/** Ends a command with a sentence for whoever typed it: no stack. */
export class CommandFailure extends Error {
  override readonly name = 'CommandFailure';

  /** @param exitCode {@link EXIT.notWell} when left out */
  constructor(
    message: string,
    readonly exitCode: number = EXIT.notWell,
    options?: { cause?: unknown },
  ) {
    super(message, options);
  }
}

/** A {@link CommandFailure} about what was typed: exit code 2. */
export function mistake(sentence: string): CommandFailure {
  return new CommandFailure(sentence, EXIT.usage);
}

/** What Kafka's clients throw: their words are for people. By name: the package that has them is slow to load. */
const KAFKA_FAILURES: ReadonlySet<string> = new Set(['KafkaClientFault', 'KafkaSendError']);

/** True for what Kafka did not give; anything else that is no {@link CommandFailure} is a defect of ours. */
export function isKafkaFailure(error: unknown): error is Error {
  return error instanceof Error && KAFKA_FAILURES.has(error.name);
}
