import type { ServerKind } from '../support/server-kinds.js';
import type { Golden } from './golden.js';

/** Names that a server chose count how often a constraint was made. */
const chosen = /^(?:.*_(?:ibfk|chk)_\d+|CONSTRAINT_\d+)$/;

/**
 * PostgreSQL says a CHECK in other words once its column has had another type, and means the same: one cast around an
 * array of constants, or one around each (fixtures/README.md).
 */
export const plainCheck = (text: string): string =>
  /= ANY/.test(text) ? text.replace(/::(?:text|character varying)|\[\]|[()]/g, '') : text;

/** Where a schema differs from the golden, the order of columns aside: [table, part]. */
export function differences(
  golden: Golden,
  found: Record<string, unknown>,
  kind: ServerKind,
): [string, string][] {
  const names = new Set([...Object.keys(golden), ...Object.keys(found)]);
  return [...names].flatMap((table): [string, string][] => {
    const [a, b] = [golden[table], found[table]];
    if (!a || !b) return [[table, a ? 'missing' : 'extra']];
    return Object.keys(a).flatMap((part): [string, string][] => {
      const [wanted, got] = [a, b].map((one) => parts((one as Record<string, unknown>)[part], kind));
      return wanted === got ? [] : [[table, `${part} ${got}`]];
    });
  });
}

function parts(value: unknown, kind: ServerKind): string {
  const text = (one: unknown) => JSON.stringify(one, (key, inside) => said(key, inside, kind));
  return Array.isArray(value) ? value.map(text).sort().join(' ') : text(value);
}

function said(key: string, value: unknown, kind: ServerKind): unknown {
  if (typeof value !== 'string') return value;
  if (key === 'name' && kind.startsWith('m') && chosen.test(value)) return '';
  return key === 'expression' && kind === 'postgresql' ? plainCheck(value) : value;
}
