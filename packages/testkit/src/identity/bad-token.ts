import type { Forge } from './forge.js';

/** Why a token is refused. */
export type BadTokenReason =
  | 'algorithm'
  | 'audience'
  | 'claims'
  | 'critical'
  | 'expired'
  | 'form'
  | 'issuer'
  | 'key'
  | 'no-expiry'
  | 'not-yet'
  | 'signature'
  | 'subject'
  | 'too-long'
  | 'twice'
  | 'type';

/** A token that must be refused. */
export interface BadToken {
  readonly name: string;
  readonly reason: BadTokenReason;
  /** What stands behind `Authorization: Bearer `; a list: one such field line each. */
  token(forge: Forge): string | readonly string[] | Promise<string | readonly string[]>;
}
