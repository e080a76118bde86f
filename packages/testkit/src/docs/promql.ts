import { parser } from '@prometheus-io/lezer-promql';

/** What a query names. */
export interface Query {
  readonly text: string;
  /** False where Prometheus' grammar does not take it. */
  readonly valid: boolean;
  /** Series it reads: names as they are written, `_bucket` included. */
  readonly series: readonly string[];
  /** Labels of its matchers and of its groups. */
  readonly labels: readonly string[];
}

/** Reads the queries of a block: one begins on each line that is not indented. */
export function readQueries(block: string): Query[] {
  return block.split(/\n(?! )/).map(readQuery);
}

function readQuery(text: string): Query {
  const series: string[] = [];
  const labels: string[] = [];
  let valid = true;
  parser.parse(text).iterate({
    enter({ name, type, from, to }) {
      if (type.isError) valid = false;
      if (name === 'Identifier') series.push(text.slice(from, to));
      if (name === 'LabelName') labels.push(text.slice(from, to));
    },
  });
  return { text, valid, series, labels };
}
