/**
 * An error as one sentence, its causes after colons: `cannot reach Kafka: connect ECONNREFUSED`.
 * A cause that the message repeats already is not said twice.
 */
export function describeError(error: unknown): string {
  const parts: string[] = [];
  const seen = new Set<unknown>();
  let next: unknown = error;
  while (next !== undefined && next !== null && !seen.has(next)) {
    seen.add(next);
    const part = messageOf(next);
    if (part !== '' && !parts.some((said) => said.includes(part))) parts.push(part);
    next = next instanceof Error ? next.cause : undefined;
  }
  return parts.length === 0 ? 'unknown error' : parts.join(': ');
}

function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  // What a failed connection to a name with several addresses is: no message of its own.
  if (error.message === '' && error instanceof AggregateError) return error.errors.map(messageOf).join(', ');
  return error.message === '' ? error.name : error.message;
}
