import {
  curlOf,
  type FoundLetter,
  HAR_END,
  harBegin,
  harEntryOf,
  lineOfRecord,
  safeJson,
} from '@kafka-http-proxy/operate';
import { connectionOf } from '../../connection/connection.js';
import type { SearchFlags } from '../../letters/flags.js';
import { gather } from '../../letters/gather.js';
import { withOpenLetters } from '../../letters/open-letters.js';
import { isEmpty, isNamed, selectionOf } from '../../letters/selection.js';
import { judgeFilters } from '../../letters/wanted.js';
import { type MaskingFlags, maskingOf } from '../../masking/options.js';
import { EXIT, mistake } from '../../operator/exit.js';
import type { Host } from '../../operator/host.js';
import { createPrinter } from '../../output/printer.js';
import { openSink } from './export-sink.js';

/** The forms of an export. */
export const FORMS = ['ndjson', 'curl', 'har'] as const;

/** What `dlq export` takes. */
export interface ExportFlags extends SearchFlags, MaskingFlags {
  readonly as: (typeof FORMS)[number];
  readonly output?: string;
  readonly origin?: string;
}

/** How letters are written; null for one that the form has nothing for. */
interface Form {
  readonly begin: string;
  readonly between: string;
  readonly end: string;
  of(found: FoundLetter): string | null;
}

const ORIGIN = 'http://127.0.0.1:8080';

/** `dlq export`: letters in another form. @returns the exit code */
export async function exportLetters(names: readonly string[], flags: ExportFlags, host: Host): Promise<number> {
  const form = formOf(flags, host.version);
  const print = createPrinter(host, flags);
  judgeFilters(flags);
  const connection = await connectionOf(flags, host);
  return await withOpenLetters(connection, host, flags, async (letters) => {
    const selection = selectionOf(names, letters.topic);
    const anyState = flags.all === true || !isEmpty(selection);
    const sink = await openSink(flags.output, host);
    let count = 0;
    let left = 0;
    try {
      await sink.write(form.begin);
      const search = { ...flags, ...(anyState && { all: true as const }) };
      const isWhole = await gather(letters, search, { host, print }, async (found) => {
        if (!isEmpty(selection) && !isNamed(selection, found)) return;
        const text = form.of(found);
        if (text === null) left++;
        else await sink.write(count++ === 0 ? text : form.between + text);
      });
      await sink.write(form.end);
      if (left > 0) print.note(`${left} left out, which have no whole request: --as ndjson has all of them`);
      print.note(`${count} letter${count === 1 ? '' : 's'}${flags.output === undefined ? '' : ` in ${flags.output}`}`);
      if (isWhole) return EXIT.done;
      print.note('Interrupted: not all letters were read.');
      return EXIT.interrupted;
    } finally {
      await sink.close();
    }
  });
}

function formOf(flags: ExportFlags, version: string): Form {
  const options = { origin: originOf(flags), masking: maskingOf(flags) };
  switch (flags.as) {
    case 'ndjson':
      return { begin: '', between: '', end: '', of: ({ letter }) => `${lineOfRecord(letter.record)}\n` };
    case 'curl':
      return { begin: '', between: '\n', end: '', of: (found) => curlOf(found, options) };
    case 'har': {
      const of = (found: FoundLetter) => {
        const entry = harEntryOf(found, options);
        return entry && safeJson(entry);
      };
      return { begin: harBegin(version), between: ',\n', end: `${HAR_END}\n`, of };
    }
  }
}

/** @throws {CommandFailure} for what is no origin */
function originOf({ origin = ORIGIN }: ExportFlags): string {
  const parsed = URL.canParse(origin) ? new URL(origin) : null;
  if (parsed !== null && /^https?:$/.test(parsed.protocol) && `${parsed.origin}/` === parsed.href) return parsed.origin;
  throw mistake(`--origin: scheme, host and port such as ${ORIGIN} were expected, ${JSON.stringify(origin)} was found`);
}
