import { nearest } from '../config/suggest.js';

/** Sentence about a word of the command line that nothing takes. @param words what could stand there */
export function strayWord(word: string, words: readonly string[]): string {
  const found = `${listed(words)} was expected, ${JSON.stringify(word)} was found`;
  if (/\.(?:ya?ml|json)$/i.test(word)) return `${found}; for a configuration file: --config ${word}`;
  const near = nearest(word, words);
  return near === undefined ? found : `${found}; did you mean "${near}"?`;
}

/** `a, b or c` */
function listed(words: readonly string[]): string {
  const last = words.at(-1) ?? 'nothing';
  return words.length < 2 ? last : `${words.slice(0, -1).join(', ')} or ${last}`;
}
