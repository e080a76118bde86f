/** What a command needs of `process`; tests give one of their own. */
export interface HostProcess {
  readonly stdout: { write(text: string): unknown; readonly columns?: number; readonly isTTY?: boolean };
  readonly stderr: { write(text: string): unknown; readonly isTTY?: boolean };
  readonly stdin?: { readonly isTTY?: boolean };
  on(event: string, listener: (...details: unknown[]) => void): unknown;
  off(event: string, listener: (...details: unknown[]) => void): unknown;
  exit(code: number): unknown;
}
