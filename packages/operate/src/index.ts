export {
  type BodyKind,
  type BodyOptions,
  type BodyPart,
  type BodyView,
  MAX_BODY_BYTES,
  viewBody,
} from './bodies/body-view.js';
export type { Inflate, Inflated } from './bodies/inflate.js';
export { curlOf, type RequestExport } from './exports/curl.js';
export { HAR_END, harBegin, harEntryOf } from './exports/har.js';
export { lineOfRecord, RecordLine, recordOfLine } from './exports/lines.js';
export { DEAD_LETTER_HEADER, type Letter, readLetter } from './letters/letter.js';
export { type LetterDetails, letterDetails, type ShownRequest } from './letters/letter-details.js';
export { type FoundLetter, type LetterRow, letterRow } from './letters/letter-row.js';
export { Mark, type Marks, markKey, markOf, readMark } from './letters/mark.js';
export { REPLAY_HEADER, Replay, replayOf } from './letters/replay-header.js';
export {
  firstId,
  type ReplayAddress,
  type Replayed,
  type ReplayRecord,
  replayRecord,
} from './letters/replay-record.js';
export { createRuns, MAX_RUNS, type Run, type Runs } from './letters/runs.js';
export { createSummary, type LetterGroup, type LetterSummary } from './letters/summary.js';
export {
  CONSENT_OF,
  type Consent,
  type Judgement,
  type JudgeOptions,
  judge,
  MAX_REPLAYS,
  maySend,
  type Settled,
  VERDICTS,
  type Verdict,
} from './letters/verdict.js';
export { createFilter, type Filter, FilterMistake, type FilterOptions } from './records/filter.js';
export { type RecordKind, type RecordView, viewOf } from './records/record-view.js';
export { placeOf, type StoredRecord } from './stored-record.js';
export { createMasking, type Masking, type MaskingOptions } from './text/masking.js';
export { printable, printableLines } from './text/printable.js';
export { parseDuration } from './times/duration.js';
export { type Moment, parseMoment, parseTime, type Time, type TimeContext } from './times/moment.js';
export { parseSpan, type Span } from './times/span.js';
export { TimeMistake } from './times/time-mistake.js';
