/** Numbers of 0 or more and below 1, the same for the same seed. */
export type Random = () => number;

/** xorshift32 (Marsaglia 2003). @param seed a whole number, not 0 */
export function createRandom(seed: number): Random {
  let state = seed | 0 || 1;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 0x1_0000_0000;
  };
}

/** Longest input, bytes. */
const MAX_BYTES = 4096;

/** Texts that mean something to one parser or another. */
const WORDS = [
  ...[
    '\r\n',
    '\n',
    '\n\n',
    '\0',
    '\t',
    '{',
    '}',
    '[',
    ']',
    ':',
    ',',
    '"',
    "'",
    '\\',
    '-',
    '&a ',
    '*a',
    '<<: ',
    '|',
    '>',
    '#',
  ],
  ...[
    'null',
    'true',
    'false',
    '0',
    '-1',
    '1.5',
    '1e309',
    '9007199254740993',
    '2147483648',
    '.inf',
    '~',
    '""',
    '{}',
    '[]',
  ],
  ...[
    '__proto__',
    'constructor',
    'toString',
    '\\u0000',
    '\\ud800',
    '\\r\\n',
    '\xff',
    '\xc3\xa9',
    '%00',
    '%YAML 1.1\n---\n',
    '!!set ',
  ],
];

/** An input that comes of another, by a few changes. */
export function mutate(input: Buffer, others: readonly Buffer[], words: readonly string[], random: Random): Buffer {
  const below = (limit: number) => Math.floor(random() * limit);
  const one = <T>(list: readonly T[]) => list[below(list.length)] as T;
  let bytes = input;
  for (let changes = 1 + below(6); changes > 0; changes--) {
    const at = below(bytes.length + 1);
    const [before, after] = [bytes.subarray(0, at), bytes.subarray(at)];
    const length = 1 + below(random() < 0.8 ? 8 : 256);
    const put = (piece: Uint8Array, drop = 0) => Buffer.concat([before, piece, after.subarray(drop)]);
    switch (below(8)) {
      case 0:
        bytes = put(Buffer.from([(after[0] ?? 0) ^ (1 << below(8))]), 1);
        break;
      case 1:
        bytes = put(Buffer.from([below(256)]), below(2));
        break;
      case 2:
        bytes = put(Buffer.from(one(WORDS), 'latin1'), below(2) * length);
        break;
      case 3:
        bytes = put(Buffer.from(one(words)), below(2) * length);
        break;
      case 4:
        bytes = put(Buffer.alloc(0), length);
        break;
      case 5:
        bytes = put(Buffer.concat(Array.from({ length: 1 + below(4) }, () => after.subarray(0, length))));
        break;
      case 6: {
        const other = one(others);
        const from = below(other.length + 1);
        bytes = put(other.subarray(from, from + length), below(2) * length);
        break;
      }
      default:
        bytes = Buffer.concat([before, one(others).subarray(below(64))]);
    }
  }
  return bytes.subarray(0, MAX_BYTES);
}
