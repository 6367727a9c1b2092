/**
 * Column types as a revision names them, before any dialect has spelled them.
 *
 * `native` is what a live database reports; it is carried through unchanged, so that a rebuild keeps the words of
 * the database it found.
 */
export type ColumnType =
  | { readonly kind: 'string'; readonly length: number; readonly caseSensitive?: boolean }
  | { readonly kind: 'text'; readonly size?: 'medium' | 'long'; readonly unicode?: boolean }
  | { readonly kind: 'float'; readonly precision?: 53 }
  | { readonly kind: 'integer' | 'bigint' | 'boolean' | 'json' | 'binary' | 'date' }
  | { readonly kind: 'native'; readonly text: string };

/** VARCHAR(length). `caseSensitive` matters where the server's default collation folds case (MySQL, SQL Server). */
export const string = (length: number, options: { caseSensitive?: boolean } = {}): ColumnType => ({
  kind: 'string',
  length,
  ...options,
});

/**
 * Text without a declared length. `size` is the room MySQL must give it (TEXT holds 64 KiB, MEDIUMTEXT 16 MiB,
 * LONGTEXT 4 GiB); `unicode` asks SQL Server for NVARCHAR.
 */
export const text = (size?: 'medium' | 'long', options: { unicode?: boolean } = {}): ColumnType => ({
  kind: 'text',
  ...(size ? { size } : {}),
  ...options,
});

/** Binary floating point; precision 53 is a double everywhere, without it MySQL keeps four bytes. */
export const float = (precision?: 53): ColumnType =>
  precision ? { kind: 'float', precision } : { kind: 'float' };

export const integer: ColumnType = { kind: 'integer' };
export const bigint: ColumnType = { kind: 'bigint' };
export const boolean: ColumnType = { kind: 'boolean' };
export const json: ColumnType = { kind: 'json' };
export const binary: ColumnType = { kind: 'binary' };
export const date: ColumnType = { kind: 'date' };

/** A type in the words of a live server. */
export const native = (text: string): ColumnType => ({ kind: 'native', text });
