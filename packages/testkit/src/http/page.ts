/** What a page asks for. */
export interface PageRequest {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  /** Whether cookies and the like go with it. */
  readonly credentials?: 'omit' | 'include';
}

/** What of an answer a page can see. */
export interface Seen {
  readonly status: number;
  readonly body: string;
  /** A field that it may read; null: it may not, or there is none. */
  field(name: string): string | null;
}

const SIMPLE_METHODS = new Set(['GET', 'HEAD', 'POST']);
const SIMPLE_FIELDS = new Set(['accept', 'accept-language', 'content-language']);
const SIMPLE_TYPES = /^(?:application\/x-www-form-urlencoded|multipart\/form-data|text\/plain)\b/;
const READABLE = new Set(['cache-control', 'content-language', 'content-length', 'content-type', 'expires', 'pragma']);

/**
 * A page of an origin, as far as its browser decides what it may read of another (Fetch, “CORS check” and “CORS-preflight
 * fetch”). No browser is at hand here, and Node's fetch knows no pages.
 *
 * @example
 * const page = new Page('https://shop.example');
 * await page.fetch(`${origin}/orders`, { method: 'PUT' }); // rejects with a TypeError where it may not read the answer
 */
export class Page {
  /** Preflights that were sent. */
  preflights = 0;

  constructor(private readonly origin: string) {}

  /** @throws {TypeError} as a page gets it: of a network error it is told no more */
  async fetch(url: string, request: PageRequest = {}): Promise<Seen> {
    const { method = 'GET', headers = {}, body, credentials = 'omit' } = request;
    const unsafe = Object.keys(headers)
      .map((name) => name.toLowerCase())
      .filter((name) => !isSimple(name, headers));
    if (unsafe.length > 0 || !SIMPLE_METHODS.has(method)) await this.preflight(url, method, unsafe, credentials);
    const answer = await fetch(url, { method, headers: { ...headers, Origin: this.origin }, ...(body && { body }) });
    this.check(answer, credentials);
    const exposed = listOf(answer, 'access-control-expose-headers');
    const readsAll = credentials === 'omit' && exposed.includes('*');
    return {
      status: answer.status,
      body: await answer.text(),
      field: (name) =>
        readsAll || READABLE.has(name.toLowerCase()) || exposed.includes(name.toLowerCase())
          ? answer.headers.get(name)
          : null,
    };
  }

  private async preflight(url: string, method: string, fields: string[], credentials: string): Promise<void> {
    this.preflights++;
    const answer = await fetch(url, {
      method: 'OPTIONS',
      headers: {
        Origin: this.origin,
        'Access-Control-Request-Method': method,
        ...(fields.length > 0 && { 'Access-Control-Request-Headers': fields.join(',') }),
      },
    });
    await answer.arrayBuffer();
    this.check(answer, credentials);
    if (!answer.ok) throw new TypeError(`network error: the preflight got ${answer.status}`);
    const methods = listOf(answer, 'access-control-allow-methods');
    if (!SIMPLE_METHODS.has(method) && !methods.includes(method.toLowerCase()))
      throw new TypeError('network error: method');
    const allowed = listOf(answer, 'access-control-allow-headers');
    if (!fields.every((name) => allowed.includes(name))) throw new TypeError('network error: header');
  }

  private check({ headers }: Response, credentials: string): void {
    const allowed = headers.get('access-control-allow-origin');
    if (credentials === 'omit' && allowed === '*') return;
    if (allowed !== this.origin) throw new TypeError('network error: origin');
    if (credentials === 'include' && headers.get('access-control-allow-credentials') !== 'true') {
      throw new TypeError('network error: credentials');
    }
  }
}

function isSimple(name: string, headers: Readonly<Record<string, string>>): boolean {
  if (SIMPLE_FIELDS.has(name)) return true;
  const type = Object.entries(headers).find(([one]) => one.toLowerCase() === 'content-type')?.[1] ?? '';
  return name === 'content-type' && SIMPLE_TYPES.test(type);
}

function listOf({ headers }: Response, name: string): string[] {
  return (headers.get(name) ?? '').split(',').map((one) => one.trim().toLowerCase());
}
