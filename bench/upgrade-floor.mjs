import { readFileSync, writeFileSync } from 'node:fs';

const rowWork = (name, kind) =>
  readFileSync(new URL(`floor/${name}.${kind === 'mariadb' ? 'mysql' : kind}.sql`, import.meta.url), 'utf8')
    .split(/;\s*\n/)
    .filter((statement) => statement.trim());

/** Hand-written row work that a database with these tables is due. */
function rowsOf(kind, tables) {
  if (tables.length === 0) return [];
  const has = (table) => tables.includes(table);
  return [
    ...(has('latest_metrics') ? [] : rowWork('latest-metrics', kind)),
    ...(has('trace_info') ? rowWork('traces', kind) : []),
    ...(has('spans') ? rowWork('spans', kind) : []),
  ];
}

const scripts = {
  sqlite: (statements) => `PRAGMA legacy_alter_table = ON;\nBEGIN;\n${statements.join(';\n')};\nCOMMIT;\n`,
  postgresql: (statements) => `\\set ON_ERROR_STOP on\nBEGIN;\n${statements.join(';\n')};\nCOMMIT;\n`,
  mysql: (statements) => `DELIMITER ;;\n${statements.join('\n;;\n')}\n;;\n`,
};

/**
 * Writes the floor's script: the least DDL between the two schemas (upgrade_delta.py), and between its halves the
 * row work of floor/*.sql.
 *
 * @returns the statements' number
 */
export function writeFloor(file, kind, { before, after, tables }) {
  const rows = rowsOf(kind, tables);
  // The copy of spans is written by hand, with what its new columns hold.
  const own = rows.some((statement) => statement.includes('INSERT INTO floor_spans'));
  const rest = own ? after.filter((statement) => !statement.startsWith('INSERT INTO "floor_spans"')) : after;
  const statements = [...before, ...rows, ...rest];
  writeFileSync(file, (scripts[kind] ?? scripts.mysql)(statements));
  return statements.length;
}

/** The client that runs the script: the server's own; MariaDB's for MySQL too, which says the same to the server. */
export const clientOf = { sqlite: 'sqlite3', postgresql: 'psql', mysql: 'mariadb', mariadb: 'mariadb' };

/** The command that runs the script on a database. */
export function floorCommand(kind, { host, port, user }, name, url, script) {
  const server = ['-h', host, kind === 'postgresql' ? '-p' : '-P', String(port)];
  const args = {
    sqlite: ['-bail', url.replace('sqlite:///', '')],
    postgresql: ['-q', ...server, '-U', user, name],
  };
  return { argv: [clientOf[kind], ...(args[kind] ?? [...server, '-u', user, name])], stdin: script };
}
