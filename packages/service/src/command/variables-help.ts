import type { z } from 'zod';
import { environmentTable } from '../config/environment-table.js';
import { schemaAt } from '../config/schema-walk.js';

/** The part of `--help` about environment variables, lines no longer than `columns`. */
export function variablesHelp(schema: z.ZodType, columns: number): string {
  const rows = environmentTable(schema).map(({ env, key, about, default: value }) => {
    const notes = [key, ...(value === undefined ? [] : [`default ${value}`])].join(', ');
    return [env, `${about} (${notes})`] as const;
  });
  const common: (readonly [string, string])[] = [
    ['<VARIABLE>_FILE', 'Reads the value of any of these from a file.'],
    ['KAFKA_PROPERTY_<NAME>', 'A librdkafka property: KAFKA_PROPERTY_SASL_PASSWORD is sasl.password.'],
    ...(schemaAt(schema, ['topics']) === undefined
      ? []
      : [
          [
            'CONSUMER_GROUP_<NAME>',
            'Consumer group of the entry <name> of KAFKA_TOPICS; processor-<name> when left out.',
          ] as const,
        ]),
    ['CONFIG_SOURCE', 'yaml or json: read the file CONFIG_PATH names (config.yaml) when there is no --config.'],
  ];
  const all = [...rows, ...common];
  const indent = Math.max(...all.map(([name]) => name.length)) + 4;
  const lines = all.flatMap(([name, text]) => {
    const [first = '', ...rest] = wrap(text, Math.max(columns - indent, 30));
    return [`  ${name.padEnd(indent - 2)}${first}`, ...rest.map((line) => ' '.repeat(indent) + line)];
  });
  return `\nEnvironment variables, which go over the file:\n${lines.join('\n')}\n`;
}

function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  for (const word of text.split(' ')) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + 1 + word.length <= width) lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines;
}
