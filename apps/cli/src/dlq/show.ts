import { type FoundLetter, letterDetails, placeOf, viewBody } from '@kafka-http-proxy/operate';
import { inflate } from '../bodies/inflate.js';
import type { BodyFlags } from '../bodies/options.js';
import { connectionOf } from '../connection/connection.js';
import type { DlqFlags } from '../letters/flags.js';
import { gather } from '../letters/gather.js';
import { type Letters, withOpenLetters } from '../letters/open-letters.js';
import { isNamed, selectionOf } from '../letters/selection.js';
import { type MaskingFlags, maskingOf } from '../masking/options.js';
import { CommandFailure, EXIT } from '../operator/exit.js';
import type { Host } from '../operator/host.js';
import { createPrinter, type Printer } from '../output/printer.js';
import { detailsJson } from './show-json.js';
import { detailLines, requestLines } from './show-lines.js';

/** Most places of letters that are named beside the one that is shown. */
const MAX_PLACES = 10;

/** `dlq show`: one letter. @returns the exit code */
export async function show(word: string, flags: DlqFlags & MaskingFlags & BodyFlags, host: Host): Promise<number> {
  const print = createPrinter(host, flags);
  const connection = await connectionOf(flags, host);
  return await withOpenLetters(connection, host, flags, async (letters) => {
    const found = await look(letters, word, host, print);
    if (found === null) return EXIT.interrupted;
    const details = letterDetails(found, maskingOf(flags));
    const { request, record } = found.letter;
    const bytes = request === null ? record.value : request.body;
    const part = flags.bodies === 'none' ? null : flags.bodies;
    const body = part && (await viewBody(bytes, request?.headers ?? [], { part, inflate }));
    if (print.json) print.object(detailsJson(found, details, body));
    else {
      print.text(detailLines(details).join('\n'));
      if (details.request !== null) print.text(['', ...requestLines(details.request), ''].join('\n'));
      else print.line('');
      if (body && body.text !== '') print.text(body.text);
      for (const note of body?.notes ?? []) print.note(`body: ${note}`);
    }
    return EXIT.done;
  });
}

/** Null where it was interrupted. @throws {CommandFailure} when there is no such letter */
async function look(letters: Letters, word: string, host: Host, print: Printer): Promise<FoundLetter | null> {
  const selection = selectionOf([word], letters.topic);
  const [key] = selection.places;
  if (key !== undefined) {
    const [partition = 0, offset = 0] = key.split(':').map(Number);
    const record = await letters.inspector.recordAt({ topic: letters.topic, partition, offset });
    if (record !== null) return letters.find(record);
    throw new CommandFailure(`There is no letter at ${partition}@${offset} of ${letters.topic} (any more)`);
  }
  const places: string[] = [];
  let newest: FoundLetter | undefined;
  let count = 0;
  const isWhole = await gather(letters, { all: true }, { host, print }, (found) => {
    if (!isNamed(selection, found)) return;
    if (++count <= MAX_PLACES) places.push(placeOf(found.letter.record));
    if (newest === undefined || found.letter.record.timestampMs >= newest.letter.record.timestampMs) newest = found;
  });
  if (!isWhole) return null;
  if (newest === undefined) throw new CommandFailure(`${letters.topic} has no letter of id ${JSON.stringify(word)}`);
  if (count > 1)
    print.note(`${count} letters match: ${places.join(', ')}${count > MAX_PLACES ? ', …' : ''}; the newest is shown`);
  return newest;
}
