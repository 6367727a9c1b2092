const sizes = ['bytes', 'KiB', 'MiB', 'GiB', 'TiB'];

/** "12.3 MiB". */
export function bytes(count: number): string {
  let [value, unit] = [count, 0];
  while (value >= 1024 && unit < sizes.length - 1) [value, unit] = [value / 1024, unit + 1];
  return `${unit === 0 || value >= 100 ? Math.round(value) : value.toFixed(1)} ${sizes[unit]}`;
}

/** "0.2 s", "12 s", "4 min", "2.5 h". */
export function duration(seconds: number): string {
  if (seconds < 10) return `${seconds < 0.1 ? '<0.1' : seconds.toFixed(1)} s`;
  if (seconds < 120) return `${Math.round(seconds)} s`;
  return seconds < 7200 ? `${Math.round(seconds / 60)} min` : `${(seconds / 3600).toFixed(1)} h`;
}

/** "0.1 s to 0.4 s"; "under 0.1 s". */
export const durations = ({ low, high }: { readonly low: number; readonly high: number }): string =>
  high < 0.1 ? 'under 0.1 s' : `${duration(low)} to ${duration(high)}`;

/** "1,234"; "~1,234" where it is an estimate. */
export const rows = (count: number, exact = true): string =>
  `${exact ? '' : '~'}${count.toLocaleString('en')}`;
