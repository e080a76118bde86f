export { DEAD_LETTER_HEADER, type Letter, readLetter } from './letters/letter.js';
export { Mark, markKey, readMark } from './letters/mark.js';
export { REPLAY_HEADER, Replay, replayOf } from './letters/replay-header.js';
export { holderOf, LOCK_KEY, nextLock, RunLock, readRunLock } from './letters/run-lock.js';
export { createFilter, type Filter, FilterMistake, type FilterOptions } from './records/filter.js';
export { type RecordKind, type RecordView, viewOf } from './records/record-view.js';
export { placeOf, type StoredRecord } from './stored-record.js';
export { createMasking, type Masking, type MaskingOptions } from './text/masking.js';
export { printable, printableLines } from './text/printable.js';
