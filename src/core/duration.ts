import { usageError } from '../errors.js';

const units: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };

/**
 * `60s`, `10m`, `1h30m`, `500ms` in milliseconds; a bare 0 is allowed, any other bare number is not.
 *
 * @throws exit 2
 */
export function parseDuration(text: string, option: string): number {
  if (text === '0') return 0;
  if (!/^(\d+(ms|[smh]))+$/.test(text))
    throw usageError(`${option} ${text} is not a duration`, 'examples: 60s, 10m, 1h30m');
  let total = 0;
  for (const [, amount, unit] of text.matchAll(/(\d+)(ms|[smh])/g))
    total += Number(amount) * (units[unit as string] ?? 0);
  return total;
}
