export {
  type BodyKind,
  type BodyOptions,
  type BodyPart,
  type BodyView,
  MAX_BODY_BYTES,
  viewBody,
} from './bodies/body-view.js';
export type { Inflate, Inflated } from './bodies/inflate.js';
export { DEAD_LETTER_HEADER, type Letter, readLetter } from './letters/letter.js';
export { Mark, markKey, readMark } from './letters/mark.js';
export { REPLAY_HEADER, Replay, replayOf } from './letters/replay-header.js';
export type { Pair, PairOutcome } from './pairs/pair.js';
export { createPairs, type Pairs, type PairsOptions } from './pairs/pairs.js';
export { byTime, type Entry, type EntryKind, entryOf } from './records/entry.js';
export { createFilter, createOutcomeFilter, type Filter, FilterMistake, type FilterOptions } from './records/filter.js';
export { type RecordKind, type RecordView, viewOf } from './records/record-view.js';
export { placeOf, type StoredRecord } from './stored-record.js';
export { createMasking, type Masking, type MaskingOptions } from './text/masking.js';
export { printable, printableLines, safeJson } from './text/printable.js';
export { parseDuration } from './times/duration.js';
export { type Moment, parseMoment, parseTime, type Time, type TimeContext } from './times/moment.js';
export { parseSpan, type Span } from './times/span.js';
export { TimeMistake } from './times/time-mistake.js';
