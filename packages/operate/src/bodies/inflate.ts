/** What came out of a body that was compressed. */
export interface Inflated {
  readonly bytes: Buffer;
  /** True where more would have come: the limit was reached, or the body is the beginning of one. */
  readonly isCut: boolean;
}

/**
 * Undoes one content coding (`gzip`, `deflate`, `br`, …), as far as `maxBytes` of output. Null: it can't be undone.
 * It is given by who has the means: a command has node:zlib, a browser DecompressionStream.
 */
export type Inflate = (coding: string, bytes: Buffer, maxBytes: number) => Promise<Inflated | null>;
