import type { ColumnType } from '../schema/column-type.js';
import { type Column, columnOf, type Default, type Table } from '../schema/table.js';
import type { Traits } from '../schema/traits.js';
import type { Question, Words } from './loss.js';

/** Columns that hold less before: shorter text, NULL not allowed, fewer digits. */
export function narrowings(
  table: Table,
  old: Table,
  origin: (name: string) => string,
  traits: Traits,
): Question[] {
  return old.columns.flatMap((was): Question[] => {
    const now = columnOf(table, origin(was.name));
    if (!now || now === was) return [];
    const question = (what: string, condition: (name: string, words: Words) => string): Question => ({
      kind: 'rows',
      table: table.name,
      what: `${what} in ${table.name}.${now.name}`,
      columns: [now.name],
      condition: (words) => condition(`t.${words.quote(now.name)}`, words),
    });
    const less = traits.sameType(was.type, now) ? null : holdsLess(was.type, now, traits);
    return [
      ...(now.nullable && !was.nullable ? [question('have NULL', (name) => `${name} IS NULL`)] : []),
      ...(less ? [question(less.what, less.condition)] : []),
    ];
  });
}

interface Less {
  readonly what: string;
  readonly condition: (name: string, words: Words) => string;
}

const bytesOf = { plain: 65_535, medium: 16_777_215, long: 4_294_967_295 } as const;

/** What a type before cannot hold of what the column may hold now; null where it holds all. */
function holdsLess(was: ColumnType, column: Column, traits: Traits): Less | null {
  const { type: now } = column;
  // What a text of one code page makes of other characters cannot be asked; so every value counts.
  const unicode = now.kind === 'text' && now.unicode && !(was.kind === 'text' && was.unicode);
  if (unicode && !traits.sameType({ ...now, unicode: false }, column))
    return {
      what: 'have text that the code page before may not hold',
      condition: (name) => `${name} IS NOT NULL`,
    };
  if (was.kind === 'string')
    return now.kind === 'string' && now.length <= was.length ? null : tooLong(was.length);
  if (was.kind === 'text' && now.kind === 'text' && was.size !== now.size) {
    const bytes = bytesOf[was.size ?? 'plain'];
    return bytes >= bytesOf[now.size ?? 'plain']
      ? null
      : {
          what: `have more than ${bytes} bytes`,
          condition: (name) => `OCTET_LENGTH(${name}) > ${bytes}`,
        };
  }
  if (was.kind === 'float' && now.kind === 'float' && !was.precision && now.precision) return fewerDigits;
  return null;
}

const tooLong = (length: number): Less => ({
  what: `have more than ${length} characters`,
  condition: (name, { characters }) => `${characters(name)} > ${length}`,
});

/** Four bytes hold 24 bits: what has no more for certain passes, the rest is not taken for granted. */
const fewerDigits: Less = {
  what: 'have more digits than four bytes hold',
  condition: (name) => `(ABS(${name}) > 16384 OR ${name} * 1024 <> FLOOR(${name} * 1024))`,
};

/** A default as a quoted constant, which every server casts to the column's type; booleans are '0' and '1'. */
export const defaultText = (value: Default): string => {
  if (value.kind === 'boolean') return value.value ? "'1'" : "'0'";
  return value.kind === 'literal' ? `'${value.value.replaceAll("'", "''")}'` : value.sql;
};
