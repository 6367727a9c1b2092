// Reads databases, each as [ordinal of its revision, its catalog (catalog.py)], and prints what mltrack would send to take each database to head: its
// own introspection reads the rows, its own healing leaves out what is done, its own compiler writes the statements.
import { text } from 'node:stream/consumers';
import { modules } from '../../bench/modules.mjs';

const [{ loadChain, operationsOf }, { restOf }, { mssql }, { introspect }, { apply, applyAll }] = await modules(
  'core/revisions',
  'core/heal',
  'dialects/mssql/index',
  'dialects/mssql/introspect',
  'schema/apply',
);
const { traits } = mssql;
const { revisions } = await loadChain();

/** The rows of the view that a query reads first; every column must be one that the query names. */
function answer(catalog, sql) {
  const view = /\bFROM sys\.(\w+)/.exec(sql)?.[1];
  const rows = catalog[view];
  if (!rows) throw new Error(`no rows for ${sql}`);
  for (const name of Object.keys(rows[0] ?? {}))
    if (!new RegExp(`(AS \\[?|\\.\\[?|SELECT )${name}\\b`).test(sql)) throw new Error(`no column ${name} in ${sql}`);
  return rows;
}

const fold = (schema, operations) => operations.reduce((state, operation) => apply(state, operation, traits), schema);

/** As src/core/remaining.ts works it out; row work is left out. */
async function statementsFrom(ordinal, catalog) {
  const found = await introspect({ query: async (sql) => answer(catalog, sql) });
  let [live, expected] = [found, fold(new Map(), revisions.slice(0, ordinal + 1).flatMap((r) => operationsOf(r, 'mssql')))];
  const todo = [];
  for (const revision of revisions.slice(ordinal + 1)) {
    const operations = operationsOf(revision, 'mssql');
    const rest = restOf(live, operations, expected, traits);
    if (rest.notes.length > 0) throw new Error(rest.notes.join('\n'));
    todo.push(...rest.operations);
    live = rest.after;
    expected = applyAll(expected, operations, traits);
  }
  return mssql.compile(todo.filter(({ kind }) => kind !== 'rows'), found).map(({ sql }) => sql);
}

const catalogs = JSON.parse(await text(process.stdin));
const walks = [];
for (const [ordinal, catalog] of catalogs) walks.push(await statementsFrom(ordinal, catalog));
process.stdout.write(JSON.stringify(walks));
