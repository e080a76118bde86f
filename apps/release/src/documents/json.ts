/** Characters of a line, as biome.json has it. */
const WIDTH = 120;

/** JSON as Biome formats it: a list of plain values stands on one line where it fits. */
export function writtenJson(value: unknown, depth = 0, before = 0): string {
  const list = Array.isArray(value);
  if (value === null || typeof value !== 'object') return JSON.stringify(value);
  const entries = list ? value.map((item) => ['', item] as const) : Object.entries(value);
  if (entries.length === 0) return list ? '[]' : '{}';
  if (list && value.every((item) => item === null || typeof item !== 'object')) {
    const line = `[${value.map((item) => JSON.stringify(item)).join(', ')}]`;
    if (before + line.length < WIDTH) return line;
  }
  const pad = '  '.repeat(depth + 1);
  const lines = entries.map(([name, item]) => {
    const key = list ? pad : `${pad}${JSON.stringify(name)}: `;
    return `${key}${writtenJson(item, depth + 1, key.length)}`;
  });
  const [open, close] = list ? '[]' : '{}';
  return `${open}\n${lines.join(',\n')}\n${'  '.repeat(depth)}${close}`;
}
