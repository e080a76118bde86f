/** HTTP fields as JSON has them: a list of names and values, in their order. @param list names and values by turns */
export function pairsOf(list: readonly string[]): [name: string, value: string][] {
  return Array.from({ length: list.length / 2 }, (_, i) => [list[2 * i] as string, list[2 * i + 1] as string]);
}
