/**
 * `unbound`: no processor is known yet. `bound`: one has the request. `replying`: its reply streams. `closed`: over,
 * however it ended.
 */
export type ConversationState = 'unbound' | 'bound' | 'replying' | 'closed';

/** What may follow each state. */
const FOLLOWING: Readonly<Record<ConversationState, readonly ConversationState[]>> = {
  unbound: ['bound', 'closed'],
  bound: ['replying', 'closed'],
  replying: ['closed'],
  closed: [],
};

/**
 * The state to go to.
 *
 * @throws Error with a sentence, where it cannot follow
 */
export function next(from: ConversationState, to: ConversationState): ConversationState {
  if (FOLLOWING[from].includes(to)) return to;
  const possible = FOLLOWING[from].join(' or ') || 'nothing';
  throw new Error(`A conversation that is ${from} cannot become ${to}, but ${possible}.`);
}
