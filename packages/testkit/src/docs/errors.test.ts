import { ERROR_CODES, ERROR_DOCS_URL, problem, STATUS_OF_CODE } from '@kafka-http-proxy/protocol';
import { describe, expect, it } from 'vitest';
import { repositoryPath } from '../services/service-process.js';
import { readPage } from './page.js';

describe('docs/errors.md', () => {
  const page = readPage(repositoryPath('docs/errors.md'));
  /* Sections of codes say their status first; the others are about all codes. */
  const described = page.sections.filter(({ text }) => /^\s*\*\*\d{3}\*\*/.test(text));

  it('has a section for each code, and none for a code that does not exist', () => {
    expect(described.map(({ anchor }) => anchor)).toEqual(ERROR_CODES);
  });

  it.each(ERROR_CODES)(
    'says status and title of %s as the bridge does, who says it, what the backend did, and what to do',
    (code) => {
      const { text } = described.find(({ anchor }) => anchor === code) ?? { text: '' };
      expect(text.replaceAll('\n', ' ')).toContain(`**${STATUS_OF_CODE[code]}** ${problem(code, '').title}`);
      expect(text).toContain('\n- From: ');
      expect(text).toContain('\n- Backend: ');
      expect(text).toContain('\n- Do: ');
    },
  );

  it('lists all codes in one table, in the same order, each with a link to its section', () => {
    const rows = page.sections.flatMap(({ rows }) => rows).map(([status, code]) => `${status} ${code}`);
    expect(rows).toEqual(ERROR_CODES.map((code) => `${STATUS_OF_CODE[code]} [\`${code}\`](#${code})`));
  });

  it('is where the type of a problem leads', () => {
    const { pathname, hash } = new URL(problem('no_route', '').type);
    expect(`${pathname}${hash}`).toMatch(/\/docs\/errors\.md#no_route$/);
    expect(
      page.sections
        .flatMap(({ code }) => code)
        .map(({ text }) => text)
        .join(),
    ).toContain(`"${ERROR_DOCS_URL}#`);
  });
});
