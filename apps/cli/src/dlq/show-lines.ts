import { isoTime, type LetterDetails, placeOf, printable, type ShownRequest } from '@kafka-http-proxy/operate';

/** Longest value of a field that is shown, characters; `--json` has all of it. */
const MAX_VALUE = 2000;

const SENT = {
  no: 'the backend has not seen it',
  maybe: 'the backend may have seen it',
  yes: 'the backend has seen it',
} as const;

/** What is known of a letter, a line each; safe to print. */
export function detailLines(details: LetterDetails): string[] {
  const { letter, verdict, settled, replays, at, error, unreadable, request, key, replay, mark, others } = details;
  const lines = [`${letter}  ${settled === null ? verdict : `${settled} (else ${verdict})`}`];
  const add = (name: string, text: string) => lines.push(`  ${name.padEnd(9)}${shown(text)}`);
  if (unreadable !== null) add('poison', unreadable);
  if (request !== null) add('id', request.id);
  if (request?.client) add('client', request.client);
  if (request?.principal) add('principal', request.principal);
  if (key !== null) add('key', key);
  if (error !== null) {
    add('asked', `${isoTime(error.timestamp)}  ${placeOf(error)}`);
    if (request?.deadline) add('until', isoTime(request.deadline));
    const attempts = `${error.attempts} attempt${error.attempts === 1 ? '' : 's'}`;
    const sent = error.sent === undefined ? '' : `; ${SENT[error.sent]}`;
    add('tried', `by group ${error.group}, ${attempts}${sent}`);
    add('failed', `${isoTime(at)}  ${error.code}: ${error.message}`);
    if (error.status !== undefined) add('told', `${error.status}${error.status === 503 ? ', Retry-After' : ''}`);
    if (error.trace !== undefined) add('trace', error.trace);
  } else add('written', isoTime(at));
  if (replay !== null) {
    add('replayed', `${replays} times; last ${isoTime(replay.at)} by ${replay.by}, run ${replay.run}`);
    add('before', `${placeLine(replay.of)}; first ${placeLine(replay.first)}, as ${replay.id}`);
  }
  if (mark !== null) add('mark', markLine(mark));
  if (others.length > 0) add('also', others.map(({ name, bytes }) => `${name} (${bytes} bytes)`).join(', '));
  return lines;
}

/** The request as HTTP/1.1 has it, without its body; safe to print. */
export function requestLines({ method, target, headers, trailers }: ShownRequest): string[] {
  const fields = (list: readonly string[], prefix = '') =>
    list.flatMap((name, i) => (i % 2 === 0 ? [`${prefix}${shown(name)}: ${shown(list[i + 1] ?? '')}`] : []));
  const behind = trailers === null ? [] : fields(trailers, '(trailer) ');
  return [`${shown(method)} ${shown(target)} HTTP/1.1`, ...fields(headers), ...behind];
}

function markLine({ state, status, code, run, by, at, to }: NonNullable<LetterDetails['mark']>): string {
  const what = [state, status, code].filter((one) => one !== undefined).join(' ');
  const where = to === undefined ? '' : `, as ${placeLine(to)}`;
  return `${what}  ${isoTime(at)} by ${by}, run ${run}${where}`;
}

function placeLine([topic, partition, offset]: readonly [string, number, number]): string {
  return placeOf({ topic, partition, offset });
}

function shown(text: string): string {
  return text.length <= MAX_VALUE
    ? printable(text)
    : `${printable(text.slice(0, MAX_VALUE))}… (${text.length} characters)`;
}
