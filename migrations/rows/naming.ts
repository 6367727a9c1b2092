/** How many rows a message names. */
export const NAMED = 10;

/** The first rows of a set and their number, for a message: "a, b, … (12 in all)". */
export class NamedRows {
  private readonly names: string[] = [];
  count = 0;

  add(name: string): void {
    this.count++;
    if (this.names.length < NAMED) this.names.push(name);
  }

  toString(): string {
    return listed(this.names, this.count);
  }
}

/** The names, which are the first of `count`. */
export const listed = (names: readonly string[], count: number): string =>
  names.join(', ') + (count > names.length ? `, … (${count} in all)` : '');
