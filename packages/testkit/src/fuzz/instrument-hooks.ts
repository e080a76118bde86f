import { fileURLToPath } from 'node:url';
import { createInstrumenter } from 'istanbul-lib-instrument';

/*
 * Module hooks (https://nodejs.org/api/module.html#customization-hooks) by which the files that are fuzzed count
 * which of their statements and branches ran. They run on a thread of their own.
 */

/** The counters, on the global object of the thread that runs the files. */
export const COUNTERS = '__khp_counters__';

const instrumenter = createInstrumenter({
  esModules: true,
  compact: true,
  coverageVariable: COUNTERS,
  coverageGlobalScopeFunc: false,
  coverageGlobalScope: 'globalThis',
});
let parts: readonly string[] = [];

/** @param instrumented parts of the names of files */
export function initialize(instrumented: readonly string[]): void {
  parts = instrumented;
}

interface Loaded {
  readonly format: string;
  readonly source?: string | ArrayBuffer | Uint8Array | null;
}

export async function load(
  url: string,
  context: unknown,
  next: (url: string, context: unknown) => Promise<Loaded>,
): Promise<Loaded> {
  const loaded = await next(url, context);
  if (loaded.format !== 'module' || !url.startsWith('file:') || !parts.some((part) => url.includes(part)))
    return loaded;
  const source =
    typeof loaded.source === 'string' ? loaded.source : Buffer.from(loaded.source as Uint8Array).toString();
  return { ...loaded, source: instrumenter.instrumentSync(source, fileURLToPath(url)) };
}
