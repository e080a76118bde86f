/** A host as sockets and certificates name it: `[::1]` of a URL is `::1`, any other host is as it was. */
export function withoutBrackets(host: string): string {
  return host.replace(/^\[|\]$/g, '');
}
