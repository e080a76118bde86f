import {
  type Decoded,
  decoded,
  hasRecordHeader,
  METADATA_HEADER,
  type ReplyEnvelope,
  type RequestEnvelope,
  type WireRecord,
} from './envelope.js';
import { decodeReplyV1, decodeRequestV1, encodeReplyV1, encodeRequestV1 } from './v1.js';
import { decodeInboxV2, decodeRequestV2, encodeReplyV2, encodeRequestV2, type InboxRecord } from './v2.js';

/*
 * Which version a record is of is seen record by record: version 2 has the metadata header. So both
 * can share a topic while an installation is moved over.
 */

/** Reads a record of a request topic in either version. Never throws. */
export function decodeRequest(record: WireRecord): Decoded<RequestEnvelope> {
  return hasRecordHeader(record.headers, METADATA_HEADER) ? decodeRequestV2(record) : decodeRequestV1(record);
}

/** Reads a record of a response topic in either version. Never throws. */
export function decodeInbox(record: WireRecord): Decoded<InboxRecord> {
  if (hasRecordHeader(record.headers, METADATA_HEADER)) return decodeInboxV2(record);
  const read = decodeReplyV1(record);
  return read.ok ? decoded({ kind: 'reply', reply: read.value }) : read;
}

/**
 * Writes a request in the version that it names.
 *
 * @throws {BridgeError} `not_supported` for what version 1 cannot carry
 */
export function encodeRequest(request: RequestEnvelope): WireRecord {
  return request.version === 2 ? encodeRequestV2(request) : encodeRequestV1(request);
}

/**
 * Writes a reply in the version that it names: that of the request it answers.
 *
 * @throws {BridgeError} `not_supported` for what version 1 cannot carry
 */
export function encodeReply(reply: ReplyEnvelope): WireRecord {
  return reply.version === 2 ? encodeReplyV2(reply) : encodeReplyV1(reply);
}

/** Bytes of a record's value and headers: what counts against the brokers' message limit. */
export function wireSize(record: WireRecord): number {
  let bytes = record.value?.length ?? 0;
  for (const header of record.headers) {
    for (const name in header) bytes += name.length + Buffer.byteLength(header[name] as string | Buffer) + 4;
  }
  return bytes;
}
