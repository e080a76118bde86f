/** What a tier tells a person at its start, beside what every service has. */
export interface StartSummary {
  /** What it listens on: `http://0.0.0.0:8080`. */
  readonly listening: string;
  /** What the ways are called: `routes`, `topics`. */
  readonly label: string;
  /** Where requests go, one each: `/orders -> orders-requests -> orders-responses`. */
  readonly ways: readonly string[];
}

/** Column in which the values begin. */
const INDENT = 11;
/** Ways that are shown; who has more reads them with `--check`. */
const MOST_WAYS = 12;

/** What is known before anything was started: who this is, what was read, and where Kafka is. */
export function firstLines(about: {
  readonly name: string;
  readonly version: string;
  /** Absolute; undefined where all came from the environment and defaults. */
  readonly file: string | undefined;
  readonly brokers: string | undefined;
}): string {
  const first = `${about.name} ${about.version}${about.file === undefined ? '' : `, ${about.file}`}`;
  return about.brokers === undefined ? `${first}\n` : `${first}\n${line('Kafka', about.brokers)}`;
}

/** What is known when it listens. */
export function listeningLines({ listening, label, ways }: StartSummary): string {
  const shown = ways.slice(0, MOST_WAYS);
  const rest = ways.length - shown.length;
  if (rest > 0) shown.push(`and ${rest} more: --check prints them`);
  return line('listening', listening) + shown.map((way, i) => line(i === 0 ? label : '', way)).join('');
}

/** The last line of a start. */
export const READY_LINE = line('ready', 'Ctrl-C stops it');

function line(label: string, text: string): string {
  return `${label.padEnd(INDENT)}${text}\n`;
}
