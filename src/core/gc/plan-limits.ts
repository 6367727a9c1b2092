import { blockedError, usageError } from '../../errors.js';
import { itemKinds } from './delete-rows.js';
import type { KnownAt } from './plan-known.js';
import { type Chosen, type PlanKind, planKinds } from './plan-select.js';

export interface Limits {
  readonly maxDelete: number | null;
  /** 0 to 1, of each kind. */
  readonly maxFraction: number | null;
}

/** @throws exit 2 */
export function limitsOf(options: { readonly maxDelete?: string; readonly maxFraction?: string }): Limits {
  const { maxDelete, maxFraction } = options;
  if (maxDelete !== undefined && !/^\d{1,15}$/.test(maxDelete))
    throw usageError(`--max-delete ${maxDelete} is no whole number`, 'example: --max-delete 1000');
  return {
    maxDelete: maxDelete === undefined ? null : Number(maxDelete),
    maxFraction: maxFraction === undefined ? null : fraction(maxFraction),
  };
}

function fraction(text: string): number {
  const match = /^(\d+(?:\.\d+)?|\.\d+)(%?)$/.exec(text);
  const value = match ? Number(match[1]) / (match[2] ? 100 : 1) : Number.NaN;
  if (value >= 0 && value <= 1) return value;
  throw usageError(`--max-fraction ${text} is no part of a whole`, 'examples: 0.2, 20%');
}

/**
 * Stops a surprise: more than was expected would go.
 *
 * @param known the database, or what tells how many there are of a kind
 * @param folders of artifacts that belong to nothing; to `--max-delete` they are items
 * @throws exit 10; nothing was deleted
 */
export async function refuseSurprise(
  known: KnownAt | ((kind: PlanKind) => Promise<number>),
  items: readonly Chosen[],
  limits: Limits,
  folders = 0,
): Promise<void> {
  const { maxDelete, maxFraction } = limits;
  if (maxDelete !== null && items.length + folders > maxDelete)
    throw blockedError(
      `${items.length} items${folders > 0 ? ` and ${folders} folders that belong to nothing` : ''} would go, more than --max-delete ${maxDelete}; nothing was deleted`,
      'look at them with --dry-run',
    );
  if (maxFraction === null) return;
  for (const kind of planKinds) {
    if (kind === 'job') continue;
    const going = items.filter((item) => item.kind === kind).length;
    const count = typeof known === 'function' ? known : (one: PlanKind) => countOf(known, one);
    const all = going === 0 ? 0 : await count(kind);
    if (all > 0 && going / all > maxFraction)
      throw blockedError(
        `${going} of ${all} ${itemKinds[kind][0].replace('_', ' ')} would go, more than --max-fraction ${maxFraction}; nothing was deleted`,
        'look at them with --dry-run',
      );
  }
}

async function countOf({ session }: KnownAt, kind: PlanKind): Promise<number> {
  const [row] = await session.query<{ n: number | string }>(
    `SELECT COUNT(*) AS n FROM ${itemKinds[kind][0]}`,
  );
  return Number(row?.n ?? 0);
}
