import { isPlainId } from '../basics/plain-id.js';
import { isFieldValue } from '../header-list.js';
import {
  CORRELATION_HEADER,
  type Decoded,
  decoded,
  METADATA_HEADER,
  malformed,
  type RecordHeaders,
  type RequestEnvelope,
  recordHeader,
} from './envelope.js';
import { addressFromWire, type Metadata } from './v2-fields.js';

/*
 * The record headers of version 2, as far as both tiers read them alike.
 */

/** Whose record it is, and its metadata as JSON.parse gives them: only their version has been looked at. */
export function readMetadata(headers: RecordHeaders): Decoded<{ correlationId: string; metadata: Metadata }> {
  const correlationId = recordHeader(headers, CORRELATION_HEADER);
  if (correlationId === null || !isPlainId(correlationId)) {
    return malformed(
      'missing_correlation_id',
      `record header "${CORRELATION_HEADER}" must be 1 to 128 visible ASCII characters`,
    );
  }
  const text = recordHeader(headers, METADATA_HEADER);
  if (text === null) {
    return malformed('missing_metadata', `record header "${METADATA_HEADER}" is absent`, { correlationId });
  }
  let metadata: unknown;
  try {
    metadata = JSON.parse(text);
  } catch {
    return malformed('malformed_metadata', `record header "${METADATA_HEADER}" is not JSON`, { correlationId });
  }
  if (typeof metadata !== 'object' || metadata === null || Array.isArray(metadata)) {
    return malformed('malformed_metadata', `record header "${METADATA_HEADER}" is not a JSON object`, {
      correlationId,
    });
  }
  const fields = metadata as Metadata;
  if (fields.v !== 2) {
    const reply = addressFromWire(fields.reply) ?? null;
    return malformed(
      'unknown_version',
      `version ${short(fields.v)} of "${METADATA_HEADER}" is unknown; 2 was expected`,
      {
        correlationId,
        reply,
      },
    );
  }
  return decoded({ correlationId, metadata: fields });
}

/** What stands for the version, in a message. Of a list or an object only that: JSON may be nested deeper than can be written. */
function short(value: unknown): string {
  if (typeof value === 'object' && value !== null) return Array.isArray(value) ? '[…]' : '{…}';
  return String(JSON.stringify(value)).slice(0, 40);
}

/** The W3C trace context of a record; null where it has none that could be sent on. */
export function traceOf(headers: RecordHeaders): RequestEnvelope['trace'] {
  // The usual record has just the two headers of the envelope.
  if (headers.length < 3) return null;
  const traceparent = recordHeader(headers, 'traceparent');
  if (traceparent === null || !isFieldValue(traceparent)) return null;
  const tracestate = recordHeader(headers, 'tracestate');
  return tracestate === null || !isFieldValue(tracestate) ? { traceparent } : { traceparent, tracestate };
}
