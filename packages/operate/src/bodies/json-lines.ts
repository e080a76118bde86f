/** Deeper levels stay on the line of theirs: an indent that grows with the depth would grow with its square. */
const MAX_INDENTED = 16;

/**
 * JSON with an indent, token by token: numbers, escapes and repeated names stay as they were written, which parsing
 * and writing again would change.
 *
 * @param json one valid text
 * @param maxCharacters where the result is cut
 */
export function indentedJson(json: string, maxCharacters: number): string {
  const parts: string[] = [];
  let length = 0;
  let depth = 0;
  let isEmpty = false;
  const add = (text: string): void => {
    parts.push(text);
    length += text.length;
  };
  const newLine = (): void => {
    if (depth <= MAX_INDENTED) add(`\n${'  '.repeat(depth)}`);
  };
  for (const [token] of json.matchAll(/"(?:[^"\\]|\\.)*"|[[\]{},:]|[^\s[\]{},:"]+/g)) {
    if (length > maxCharacters) break;
    const closes = token === '}' || token === ']';
    if (closes) depth--;
    if (isEmpty !== closes) newLine();
    isEmpty = token === '{' || token === '[';
    if (isEmpty) depth++;
    add(token === ':' ? ': ' : token);
    if (token === ',' && depth <= MAX_INDENTED) newLine();
  }
  return parts.join('');
}
