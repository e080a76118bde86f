import { type BodyView, type FoundLetter, isoTime, type LetterDetails, letterRow } from '@kafka-http-proxy/operate';
import { pairsOf } from '../output/pairs-of.js';
import { letterJson } from './letter-json.js';

/** A letter with all that is known of it: the fields of `list`, and these. Records of Kafka are as they stand there. */
export function detailsJson(found: FoundLetter, details: LetterDetails, body: BodyView | null): object {
  const { request, key, error, unreadable, replay, mark, others } = details;
  return {
    ...letterJson(found.letter.record.topic, letterRow(found)),
    target: request?.target,
    client: request?.client,
    principal: request?.principal,
    key,
    wire: request?.version,
    deadline: request?.deadline == null ? null : isoTime(request.deadline),
    reply_topic: request?.reply?.topic,
    headers: request && pairsOf(request.headers),
    trailers: request?.trailers && pairsOf(request.trailers),
    ...(body && { body_kind: body.kind, body: body.text, body_notes: body.notes }),
    unreadable,
    others,
    error,
    replay,
    mark,
  };
}
