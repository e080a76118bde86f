/** The end of each word's help. */
export const EXIT_CODES = `
Exit codes: 0 done, with letters or without; 1 not all of it could be done (or --fail-above, where there
is one, was met); 2 the command line or a configuration can't be used; 130 interrupted.
`;
