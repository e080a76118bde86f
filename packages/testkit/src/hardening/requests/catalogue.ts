import { chunks, codings, lengths } from './bodies.js';
import { controls } from './controls.js';
import { features } from './features.js';
import { headers, hosts, lines, targets } from './heads.js';
import type { Payload } from './payload.js';
import { pipelined } from './pipelines.js';

/**
 * What one version of Node takes (once) and another refuses, before version 9 of its parser (llhttp) or
 * since: of these only the invariants are held.
 */
export const BY_VERSION_OF_NODE: ReadonlySet<string> = new Set([
  'a length with a tab behind',
  'an extension in quotes',
  'LF for the last line end',
  'other bytes for a line end',
  'a length for a trailer',
  'a trailer without a name',
  'CR in a chunk size',
]);

/** All of them, by what they are about. */
export const PAYLOADS: Readonly<Record<string, readonly Payload[]>> = {
  'the length of a body': lengths,
  'the coding of a body': codings,
  chunks,
  'header lines': headers,
  'the request line': lines,
  'the request-target': targets,
  Host: hosts,
  'control characters': controls,
  features,
  pipelining: pipelined,
};
