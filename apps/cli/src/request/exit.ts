/** Exit codes of `request`: curl's, where curl has one. */
export const REQUEST_EXIT = {
  unreachable: 7,
  /** The body broke off. */
  partial: 18,
  /** `--fail`, and a status of 400 or more. */
  failed: 22,
  /** The body can't be written, or is not for a terminal. */
  notWritten: 23,
  timeout: 28,
} as const;
