import type { AuthMethod, HeaderList } from '@kafka-http-proxy/protocol';

/** Who a client is. */
export interface Identity {
  readonly method: AuthMethod;
  /** `<sub>@<iss>`, `<name>@api_key` or `<distinguished name>@mtls`. */
  readonly principal: string;
  readonly scopes: ReadonlySet<string>;
  /** Fields that tell the backend of it. */
  readonly claims: HeaderList;
}

/** Why somebody is not who he says, in words that he may read. */
export class BadCredentials extends Error {
  override readonly name = 'BadCredentials';
}

/** No credentials of a kind can be judged at this time. The message is for the client. */
export class CannotJudge extends Error {
  override readonly name = 'CannotJudge';
}

/** Claims and the like that are no scopes of anybody. */
export const NO_SCOPES: ReadonlySet<string> = new Set();
