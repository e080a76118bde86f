import picomatch from 'picomatch';

/** Which checks are wanted: globs over their ids. */
export interface Selection {
  readonly only: readonly string[];
  readonly skip: readonly string[];
}

/**
 * True for the ids that are wanted: those of `only`, or all where it is empty, without those of `skip`. A `*` goes over
 * dots: `kafka.*` has `kafka.tls.expiry`.
 */
export function selection({ only, skip }: Selection): (id: string) => boolean {
  const isOnly = only.length === 0 ? () => true : picomatch([...only]);
  const isSkipped = skip.length === 0 ? () => false : picomatch([...skip]);
  return (id) => isOnly(id) && !isSkipped(id);
}
