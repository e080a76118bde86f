/** A word that runs a service, and the options that it shows. */
export interface ServiceWord {
  readonly word: 'proxy' | 'processor' | 'demo';
  readonly about: string;
  /** Flags and what they do, for shells to complete. */
  readonly options: readonly (readonly [flags: string, about: string])[];
}

const OF_TIERS = [
  ['--config <file>', 'a YAML or JSON file'],
  ['--check', 'validate the configuration, print it, and exit'],
  ['--json', 'with --check: as JSON'],
  ['--version', 'print the version'],
] as const;

/** The words that run something until it is stopped, in the order of the help. */
export const SERVICES: readonly ServiceWord[] = [
  { word: 'proxy', about: 'takes HTTP requests and answers with the correlated replies', options: OF_TIERS },
  { word: 'processor', about: 'consumes request topics, calls the backends, publishes replies', options: OF_TIERS },
  {
    word: 'demo',
    about: 'both of them, a backend and an embedded broker: one request, step by step',
    options: [],
  },
];
