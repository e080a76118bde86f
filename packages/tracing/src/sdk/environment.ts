/** Variables of the process. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** Says once, in a sentence, what is wrong with a variable and what is done instead. */
export type Warn = (sentence: string) => void;
