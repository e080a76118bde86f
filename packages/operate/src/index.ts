export {
  type BodyKind,
  type BodyOptions,
  type BodyPart,
  type BodyView,
  MAX_BODY_BYTES,
  viewBody,
} from './bodies/body-view.js';
export type { Inflate, Inflated } from './bodies/inflate.js';
export { type PluginResult, pluginResult, pluginUnknown } from './checks/nagios.js';
export { runSteps } from './checks/run-steps.js';
export { selection } from './checks/selection.js';
export type { CheckLine, CheckStep, Finding } from './checks/step.js';
export { curlOf, type RequestExport } from './exports/curl.js';
export { HAR_END, harBegin, harEntryOf } from './exports/har.js';
export { lineOfRecord, RecordLine, recordOfLine } from './exports/lines.js';
export {
  type LagLimit,
  lagsAbove,
  type PartitionLag,
  parseLagLimit,
  type TopicLag,
  totalLags,
} from './lags/lag.js';
export { type LetterDetails, letterDetails, type ShownRequest } from './letters/letter-details.js';
export { createSameTexts, type FoundLetter, type LetterRow, letterRow, type SameText } from './letters/letter-row.js';
export { Mark, type Marks, markKey, markOf, readMark } from './letters/mark.js';
export {
  firstId,
  type ReplayAddress,
  type Replayed,
  type ReplayRecord,
  replayRecord,
} from './letters/replay-record.js';
export { holderOf, LOCK_KEY, nextLock, RunLock, readRunLock } from './letters/run-lock.js';
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
export type { Pair, PairOutcome } from './pairs/pair.js';
export { createPairs, type Pairs, type PairsOptions } from './pairs/pairs.js';
export { byTime, type Entry, type EntryKind, entryOf } from './records/entry.js';
export {
  createFilter,
  createOutcomeFilter,
  type Filter,
  FilterMistake,
  type FilterOptions,
} from './records/filter.js';
export { hasId } from './records/has-id.js';
export { DEAD_LETTER_HEADER, type Letter, readLetter } from './records/letter.js';
export { type RecordKind, type RecordView, viewOf } from './records/record-view.js';
export { Replay, replayOf } from './records/replay-header.js';
export {
  createTopicLine,
  describeTopicLine,
  grantLine,
  partitionsLine,
  scramPasswordLine,
  type ToolTarget,
  type TopicOrder,
  topicConfigLine,
} from './repairs/kafka-tools.js';
export { shellWord } from './repairs/shell-word.js';
export { type Observed, type Phases, phasesOf } from './requests/phases.js';
export { explainSilence, type Silence } from './requests/silence.js';
export { type Statistics, statisticsOf } from './requests/statistics.js';
export { placeOf, type StoredRecord } from './stored-record.js';
export { createMasking, type Masking, type MaskingOptions } from './text/masking.js';
export { printable, printableLines, safeJson } from './text/printable.js';
export { parseDuration } from './times/duration.js';
export { isoTime, msOfIsoTime, secondsOf, shortSecondsOf } from './times/iso-time.js';
export { type Moment, parseMoment, parseTime, type Time, type TimeContext } from './times/moment.js';
export { parseSpan, type Span } from './times/span.js';
export { TimeMistake } from './times/time-mistake.js';
export { type Bounds, createWithin, offsetOf, type PartitionEnds } from './times/within.js';
export { retentionAdvice, type TopicRole, topicOrder, type WantedTopic } from './topics/topic-order.js';
