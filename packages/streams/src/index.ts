export {
  type CreditLease,
  createMemoryBudget,
  type Holding,
  type MemoryBudget,
  type MemoryBudgetOptions,
} from './budget.js';
export { type Clock, type Deadline, type DeadlineClock, systemClock } from './clock.js';
export { FIRST_WINDOW, type Part, type StreamDirection } from './part.js';
export { type Beat, createPeerWatch, type PeerWatch, type Watched } from './peers.js';
export { type SequenceFault, SequenceReceiver, type SequenceReceiverOptions, type SequenceSink } from './receiver.js';
export { SequenceSender, type SequenceSenderOptions } from './sender.js';
