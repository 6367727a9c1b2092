/** A list of text constants, each without a quote in it. */
export const constants = (values: readonly string[]): string =>
  values.map((value) => `'${value}'`).join(', ');
