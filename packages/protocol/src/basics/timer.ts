/** The longest delay that setTimeout takes, ms. A longer one would fire at once. */
export const MAX_TIMER_MS = 2_147_483_647;
