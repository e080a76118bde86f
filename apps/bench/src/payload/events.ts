/*
 * Server-sent events that carry their number in their stream and the time at which they were written.
 * The last one, of type `end`, says how many there were.
 */

export interface StampedEvent {
  readonly kind: 'event' | 'end';
  /** Number of the event in its stream, from 0; of the last one, how many went before. */
  readonly number: number;
  /** {@link wallClockMs} of the writer. */
  readonly stampMs: number;
}

export function formatEvent(number: number, stampMs: number): string {
  return `id: ${number}\ndata: ${stampMs.toFixed(3)}\n\n`;
}

export function formatEnd(count: number, stampMs: number): string {
  return `event: end\nid: ${count}\ndata: ${stampMs.toFixed(3)}\n\n`;
}

const EVENT = /^(event: end\n)?id: (\d+)\ndata: ([\d.]+)$/;

/** Cuts a stream of bytes, however it is chunked, into events; comments are skipped. @throws {Error} at anything else */
export function createEventParser(each: (event: StampedEvent) => void): (chunk: Buffer) => void {
  let rest = '';
  return (chunk) => {
    const blocks = (rest + chunk.toString('latin1')).split('\n\n');
    rest = blocks.pop() ?? '';
    for (const block of blocks) {
      if (block.startsWith(':')) continue;
      const [, end, number, stampMs] = EVENT.exec(block) ?? [];
      if (number === undefined) throw new Error(`not an event: ${JSON.stringify(block.slice(0, 200))}`);
      each({ kind: end === undefined ? 'event' : 'end', number: Number(number), stampMs: Number(stampMs) });
    }
  };
}
