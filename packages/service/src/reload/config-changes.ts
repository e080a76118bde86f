/** A file that a key of the configuration names, such as a certificate. */
export interface NamedFile {
  /** The key that names it: `kafka.properties.ssl.ca.location`, `topics[0].tls.ca`. */
  readonly key: string;
  /** As the configuration has it. */
  readonly path: string;
}

/** What a reload changes. */
export interface ConfigChanges {
  /**
   * Keys whose values differ, as an operator writes them: `default_timeout`, `topics[0].timeout`; a list that became
   * longer or shorter is named as a whole (`topics`), and so is a section that came or went.
   */
  readonly keys: readonly string[];
  /** Files whose content differs though the value that names them does not: certificates, mostly. */
  readonly files: readonly NamedFile[];
}

/**
 * True when a change is of a key, of something in it, or of what is around it.
 *
 * @example
 * if (concerns(changes, 'kafka.properties')) await renewClients();
 */
export function concerns({ keys, files }: ConfigChanges, key: string): boolean {
  const changed = [...keys, ...files.map((file) => file.key)];
  return changed.some((name) => isWithin(name, key) || isWithin(key, name));
}

function isWithin(name: string, key: string): boolean {
  return name.startsWith(key) && ['', '.', '['].includes(name.charAt(key.length));
}
