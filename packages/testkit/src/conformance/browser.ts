/** As much of a browser as a login needs: it follows redirects of pages, and keeps cookies of one site. */
export class Browser {
  /** What the site has set, by name. */
  readonly cookies = new Map<string, string>();
  private visited: URL[] = [];

  constructor(private readonly origin: string) {}

  /** What the last {@link open} asked for, in order, of whichever site. */
  paths(): string[] {
    return this.visited.map(({ pathname }) => pathname);
  }

  /** Opens a page of the site. @returns the answer that is no redirect @throws Error when redirects have no end */
  async open(path: string): Promise<Response> {
    this.visited = [];
    for (let url = new URL(path, this.origin); this.visited.length < 10; ) {
      this.visited.push(url);
      const response = await fetch(url, { headers: this.headersFor(url), redirect: 'manual' });
      if (url.origin === this.origin) this.keep(response.headers.getSetCookie());
      const next = response.headers.get('Location');
      if (next === null) return response;
      await response.arrayBuffer();
      url = new URL(next, url);
    }
    throw new Error(`redirects without an end: ${this.visited.join(' ')}`);
  }

  private headersFor(url: URL): Record<string, string> {
    const accept = { Accept: 'text/html,application/xhtml+xml,*/*;q=0.8' };
    if (url.origin !== this.origin || this.cookies.size === 0) return accept;
    return { ...accept, Cookie: [...this.cookies].map(([name, value]) => `${name}=${value}`).join('; ') };
  }

  private keep(lines: readonly string[]): void {
    for (const line of lines) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
      // RFC 6265 §5.2.1 and §5.2.2: either way says that a cookie is over.
      const until = /;\s*expires=([^;]+)/i.exec(line)?.[1];
      const over = /;\s*max-age=(?:0|-)/i.test(line) || (until !== undefined && Date.parse(until) <= Date.now());
      if (over) this.cookies.delete(name);
      else this.cookies.set(name, value);
    }
  }
}
