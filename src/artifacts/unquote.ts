/** Percent-decoding as Python's `urllib.parse.unquote` does it: what is no valid escape stays as it is. */
export const unquote = (text: string): string =>
  text.replace(/(?:%[0-9a-f]{2})+/gi, (run) => Buffer.from(run.replaceAll('%', ''), 'hex').toString('utf8'));

/**
 * Decodes until nothing changes, at most ten times, as MLflow's `_decode` (mlflow/utils/uri.py) does before it looks
 * for `..`: `%252e%252e` is a parent too.
 * @returns null where ten times do not suffice
 */
export function fullyUnquoted(text: string): string | null {
  let now = text;
  for (let round = 0; round < 10; round++) {
    const next = unquote(now);
    if (next === now) return now;
    now = next;
  }
  return null;
}
