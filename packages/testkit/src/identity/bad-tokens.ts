import { BAD_CLAIMS } from './bad-claims.js';
import { BAD_FORMS } from './bad-forms.js';
import { BAD_SIGNATURES } from './bad-signatures.js';
import type { BadToken } from './bad-token.js';

/** Each must be refused, and for its reason. */
export const BAD_TOKENS: readonly BadToken[] = [...BAD_SIGNATURES, ...BAD_CLAIMS, ...BAD_FORMS];
