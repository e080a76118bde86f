/** What was typed is no time. The message is a sentence for whoever typed it. */
export class TimeMistake extends Error {
  override readonly name = 'TimeMistake';

  constructor(option: string, expected: string, found: string) {
    super(`${option}: ${expected} was expected, ${JSON.stringify(found)} was found`);
  }
}
