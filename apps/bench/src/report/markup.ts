/** Text that is HTML already. Only `html` and `raw` make it: a string that comes from elsewhere is escaped. */
export class Markup {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

/** What may stand in a template of `html`. Null leaves nothing. */
export type Content = Markup | string | number | null | readonly Content[];

/** A template whose values are escaped, in text and in quoted attributes alike. */
export function html(parts: TemplateStringsArray, ...values: readonly Content[]): Markup {
  return new Markup(String.raw({ raw: parts }, ...values.map(render)));
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

function render(content: Content): string {
  if (content === null) return '';
  if (content instanceof Markup) return content.text;
  if (typeof content === 'string' || typeof content === 'number') {
    return String(content).replace(/[&<>"']/g, (char) => ENTITIES[char] ?? char);
  }
  return content.map(render).join('');
}

/**
 * Text of our own for inside a `script` or `style` element, where nothing can be escaped.
 * @throws {Error} where it would end the element, or change how its end is found
 */
export function raw(text: string): Markup {
  const found = /<!--|<\/?(?:script|style)/i.exec(text);
  if (found !== null) throw new Error(`"${found[0]}" can't stand inside a script or style element`);
  return new Markup(text);
}

/** A value as JSON for inside a `script` element: without `<` nothing in it can end the element. */
export function json(value: unknown): Markup {
  return raw(JSON.stringify(value).replaceAll('<', '\\u003c'));
}
