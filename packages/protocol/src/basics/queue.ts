/** Taken items at the front of the list that are kept before it is cut. */
const CUT_AT = 1024;

/** First in, first out, at a constant cost; what was taken is garbage at once. */
export class Queue<T> {
  /** Before the front, undefined stands for what was taken. */
  #items: (T | undefined)[] = [];
  #front = 0;

  get length(): number {
    return this.#items.length - this.#front;
  }

  push(item: T): void {
    this.#items.push(item);
  }

  /** Puts an item before all others. */
  pushFront(item: T): void {
    if (this.#front > 0) this.#items[--this.#front] = item;
    else this.#items.unshift(item);
  }

  head(): T | undefined {
    return this.#items[this.#front];
  }

  /** Takes the head off. */
  shift(): T | undefined {
    if (this.length === 0) return undefined;
    const item = this.#items[this.#front];
    this.#items[this.#front++] = undefined;
    if (this.#front >= CUT_AT || this.#front >= this.#items.length) this.replace(this.all());
    return item;
  }

  /** All of it, in order. */
  all(): T[] {
    return this.#items.slice(this.#front) as T[];
  }

  /** Holds these from now on. */
  replace(items: T[]): void {
    this.#items = items;
    this.#front = 0;
  }
}
