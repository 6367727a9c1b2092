import type { TypeFacet } from '../schema/equivalence.js';

/** Compares two types as a server spells them: `varchar(32)` and `varchar(64)` differ in length alone. */
export function typeFacetOf(wanted: string, found: string): TypeFacet | null {
  const [a, b] = [wanted.trim().toLowerCase(), found.trim().toLowerCase()];
  if (a === b) return null;
  return bare(a) === bare(b) ? 'length' : 'type';
}

const bare = (type: string): string => type.replace(/\s*\([^)]*\)/, '');
