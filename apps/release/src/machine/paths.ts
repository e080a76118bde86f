import { fileURLToPath } from 'node:url';

/** Root of the repository. */
export const ROOT: string = fileURLToPath(new URL('../../../../', import.meta.url));

/** What of this package is read as a file, also by its build. */
export const SOURCES = `${ROOT}apps/release/src/`;
