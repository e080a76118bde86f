import { parse, parseAllDocuments } from 'yaml';

/** One document; `<<` merges. The caller knows its shape. */
export function parseYaml<T>(text: string): T {
  return parse(text, { merge: true }) as T;
}

/** The documents of a stream, empty ones left out. @throws at the first mistake */
export function parseYamlStream<T>(text: string): T[] {
  return parseAllDocuments(text, { merge: true }).flatMap((document) => {
    const [mistake] = document.errors;
    if (mistake !== undefined) throw mistake;
    const value = document.toJS() as T | null;
    return value === null ? [] : [value];
  });
}
