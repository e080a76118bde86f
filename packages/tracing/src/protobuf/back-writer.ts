/** Bits of a tag (https://protobuf.dev/programming-guides/encoding/#structure). */
export const WIRE = { varint: 0, fixed64: 1, bytes: 2, fixed32: 5 } as const;

/** A text up to this long is written by hand: the call to native code would cost more. */
const SHORT_TEXT = 24;

/**
 * Writes protobuf from the end to the beginning: the length of a message is known once its content is written, so that
 * nothing is measured first, and nothing is moved. Fields come out in the reverse order of the calls, which the
 * encoding allows (https://protobuf.dev/programming-guides/encoding/#order).
 */
export class BackWriter {
  #bytes: Buffer;
  /** Where the first byte is that was written. */
  #at: number;

  /** @param room bytes to begin with */
  constructor(room = 256 * 1024) {
    this.#bytes = Buffer.allocUnsafeSlow(room);
    this.#at = room;
  }

  /** How many bytes were written: the length of a message is the difference of two marks. */
  get mark(): number {
    return this.#bytes.length - this.#at;
  }

  /** What was written; it changes with what is written next. */
  written(): Buffer {
    return this.#bytes.subarray(this.#at);
  }

  /** Begins again. */
  clear(): void {
    this.#at = this.#bytes.length;
  }

  /** The head of a field whose content was written since `mark`. @param tag field << 3 | {@link WIRE} */
  message(tag: number, mark: number): void {
    this.varint(this.mark - mark);
    this.varint(tag);
  }

  varint(value: number): void {
    this.#reserve(10);
    if (value < 0x80 && value >= 0) {
      this.#bytes[--this.#at] = value;
      return;
    }
    if (value < 0 || value > Number.MAX_SAFE_INTEGER) {
      this.#wide(BigInt.asUintN(64, BigInt(Math.trunc(value))));
      return;
    }
    let length = 1;
    for (let rest = value; rest >= 0x80; rest = Math.floor(rest / 128)) length++;
    this.#at -= length;
    let at = this.#at;
    let rest = value;
    for (; rest >= 0x80; rest = Math.floor(rest / 128)) this.#bytes[at++] = (rest % 128) | 0x80;
    this.#bytes[at] = rest;
  }

  #wide(value: bigint): void {
    const groups: number[] = [];
    for (let rest = value; groups.length === 0 || rest > 0n; rest >>= 7n) groups.push(Number(rest & 0x7fn));
    for (let i = groups.length - 1; i >= 0; i--) {
      this.#bytes[--this.#at] = (groups[i] as number) | (i === groups.length - 1 ? 0 : 0x80);
    }
  }

  double(value: number): void {
    this.#reserve(8);
    this.#at -= 8;
    this.#bytes.writeDoubleLE(value, this.#at);
  }

  fixed32(value: number): void {
    this.#reserve(4);
    this.#at -= 4;
    this.#bytes.writeUInt32LE(value, this.#at);
  }

  /** Ns since the epoch as fixed64, of ms with fractions. Doubles hold no such number: it is put together of two halves. */
  nanos(ms: number): void {
    this.#reserve(8);
    const whole = Math.floor(ms);
    const chunk = Math.floor(whole / CHUNK_MS);
    const rest = (whole - chunk * CHUNK_MS) * 1e6 + Math.round((ms - whole) * 1e6);
    // chunk * 2^20 ms is chunk * 1e6 * 2^20 ns: 12 bits of that product are left for the lower half.
    const millions = chunk * 1e6;
    const lower = (millions % 4096) * CHUNK_MS + rest;
    const high = Math.floor(millions / 4096) + Math.floor(lower / 2 ** 32);
    this.#at -= 8;
    this.#bytes.writeUInt32LE(lower % 2 ** 32, this.#at);
    this.#bytes.writeUInt32LE(high, this.#at + 4);
  }

  /** The bytes of an id, of its hex digits. */
  id(tag: number, hex: string): void {
    const bytes = hex.length / 2;
    this.#reserve(bytes + 2);
    this.#at -= bytes;
    let at = this.#at;
    for (let i = 0; i < hex.length; i += 2) {
      this.#bytes[at++] = ((DIGITS[hex.charCodeAt(i)] as number) << 4) | (DIGITS[hex.charCodeAt(i + 1)] as number);
    }
    this.#bytes[--this.#at] = bytes;
    this.#bytes[--this.#at] = tag;
  }

  /** A field of text, as UTF-8. */
  text(tag: number, text: string): void {
    const mark = this.mark;
    if (text.length > SHORT_TEXT || !this.#short(text)) this.#long(text);
    this.message(tag, mark);
  }

  /** Bytes as they are. */
  raw(bytes: Uint8Array): void {
    this.#reserve(bytes.length);
    this.#at -= bytes.length;
    this.#bytes.set(bytes, this.#at);
  }

  /** False, with nothing written, where it is not ASCII. */
  #short(text: string): boolean {
    this.#reserve(text.length);
    const from = this.#at - text.length;
    for (let i = 0; i < text.length; i++) {
      const code = text.charCodeAt(i);
      if (code > 0x7f) return false;
      this.#bytes[from + i] = code;
    }
    this.#at = from;
    return true;
  }

  #long(text: string): void {
    const length = Buffer.byteLength(text);
    this.#reserve(length);
    this.#at -= length;
    this.#bytes.write(text, this.#at, length, 'utf8');
  }

  #reserve(bytes: number): void {
    if (this.#at >= bytes) return;
    const written = this.#bytes.subarray(this.#at);
    const larger = Buffer.allocUnsafeSlow(Math.max(this.#bytes.length * 2, written.length + bytes));
    this.#at = larger.length - written.length;
    larger.set(written, this.#at);
    this.#bytes = larger;
  }
}

const CHUNK_MS = 2 ** 20;
/** The value of a hex digit by its char code. */
const DIGITS = new Uint8Array(128);
for (let i = 0; i < 16; i++) DIGITS[i.toString(16).charCodeAt(0)] = i;
