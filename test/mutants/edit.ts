import type {
  Golden,
  GoldenCheck,
  GoldenColumn,
  GoldenForeignKey,
  GoldenIndex,
  GoldenKey,
  GoldenTrigger,
} from './golden.js';

/** What is done to a database that MLflow left. One edit is one mutant. */
export type Edit = { readonly table: string } & (
  | { readonly kind: 'drop table' }
  | { readonly kind: 'drop column'; readonly column: GoldenColumn }
  | { readonly kind: 'drop primary key'; readonly key: GoldenKey }
  | { readonly kind: 'drop unique'; readonly unique: GoldenKey }
  | { readonly kind: 'drop foreign key'; readonly key: GoldenForeignKey }
  | { readonly kind: 'drop check'; readonly check: GoldenCheck }
  | { readonly kind: 'drop index'; readonly index: GoldenIndex }
  | { readonly kind: 'drop trigger'; readonly trigger: GoldenTrigger }
  | { readonly kind: 'drop identity'; readonly column: GoldenColumn }
  /** Another type, which may hold all that MLflow writes (`wider`) or not. */
  | { readonly kind: 'type'; readonly column: GoldenColumn; readonly to: string; readonly wider: boolean }
  | { readonly kind: 'longer' | 'shorter'; readonly column: GoldenColumn; readonly to: string }
  | { readonly kind: 'not null' | 'null'; readonly column: GoldenColumn }
  /** The default in the server's words; null: none. */
  | { readonly kind: 'default'; readonly column: GoldenColumn; readonly to: string | null }
  | { readonly kind: 'generated'; readonly column: GoldenColumn; readonly to: string }
  | { readonly kind: 'on delete' | 'on update'; readonly key: GoldenForeignKey; readonly to: string | null }
  | { readonly kind: 'index columns' | 'index unique'; readonly index: GoldenIndex; readonly to: GoldenIndex }
  | { readonly kind: 'stranger table'; readonly parent: string | null }
  | { readonly kind: 'stranger column'; readonly form: StrangerColumn }
  | { readonly kind: 'stranger index' | 'stranger unique'; readonly columns: readonly string[] }
  | { readonly kind: 'stranger check'; readonly column: string }
  | { readonly kind: 'stranger foreign key'; readonly key: GoldenForeignKey }
  | { readonly kind: 'stranger trigger' }
);

export type StrangerColumn = 'nullable' | 'with default' | 'not null';

export type EditKind = Edit['kind'];

/** What a stranger is called. */
export const strangerName = (table: string): string => `mutant_${table}`.slice(0, 60);

/** "drop index runs.index_runs_x". */
export const titleOf = (edit: Edit): string => {
  const name = objectOf(edit);
  const to =
    'to' in edit
      ? ` → ${typeof edit.to === 'string' ? edit.to : edit.to === null ? 'none' : words(edit.to)}`
      : '';
  const form = edit.kind === 'stranger column' ? ` ${edit.form}` : '';
  return `${edit.kind}${form} ${edit.table}${name ? `.${name}` : ''}${to}`;
};

const words = (index: GoldenIndex): string =>
  `${index.unique ? 'unique ' : ''}(${index.columns.map(({ name, desc }) => `${name}${desc ? ' desc' : ''}`).join(', ')})`;

/** The name of what is edited, as the golden has it; of what has none its columns. */
export function objectOf(edit: Edit): string | null {
  if ('column' in edit) return typeof edit.column === 'string' ? strangerName(edit.table) : edit.column.name;
  if ('index' in edit) return edit.index.name;
  if ('unique' in edit) return edit.unique.name ?? edit.unique.columns.join(', ');
  if ('key' in edit) return edit.key.name ?? edit.key.columns.join(', ');
  if ('check' in edit) return edit.check.name ?? edit.check.expression;
  if ('trigger' in edit) return edit.trigger.name;
  return edit.kind.startsWith('stranger') && edit.kind !== 'stranger table' ? strangerName(edit.table) : null;
}

/** How one kind of server carries edits out. */
export interface Writer {
  /** A type in which a column is not MLflow's any more. */
  otherType(column: GoldenColumn, inForeignKey: boolean): { to: string; wider: boolean };
  /** null: the type has no length, or none above or below. */
  otherLength(column: GoldenColumn, by: 'longer' | 'shorter'): string | null;
  /** A default that is not the column's; null: it can have none. */
  otherDefault(column: GoldenColumn): string | null;
  /** Whether the golden's default is one (MariaDB tells NULL of every nullable column). */
  hasDefault(column: GoldenColumn): boolean;
  /** A primary key that counts by itself. */
  counts(table: string, column: GoldenColumn, golden: Golden): boolean;
  write(edit: Edit, golden: Golden): string[] | Impossible;
}

/** Why a server cannot hold a mutant. It is listed, and not counted as made. */
export interface Impossible {
  readonly impossible: string;
}
