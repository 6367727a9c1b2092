// Prints what mltrack would send to SQL Server, a revision at a time, as JSON. Needs `npm run build` before
// (MLTRACK_DIST names another build). Each revision is compiled on what the one before left, as an upgrade does; then
// the whole of head at once, as on an empty database.
const dist = process.env.MLTRACK_DIST ?? new URL('../../dist', import.meta.url).href;
const load = (path) => import(`${dist}/src/${path}.js`);
const [{ loadChain, operationsOf }, { parentsFirst }, { mssql }, { applyAll }] = await Promise.all(
  ['core/revisions', 'core/order', 'dialects/mssql/index', 'schema/apply'].map(load),
);

const { revisions } = await loadChain();
let schema = new Map();
const steps = revisions.map((revision) => {
  const operations = operationsOf(revision, 'mssql');
  const statements = mssql.compile(operations, schema).map(({ sql }) => sql);
  schema = applyAll(schema, operations, mssql.traits);
  const rows = operations.filter(({ kind }) => kind === 'rows').map(({ title }) => title);
  return { revision: revision.revision, statements, rows };
});
const straight = mssql.create(parentsFirst(schema)).map(({ sql }) => sql);
process.stdout.write(JSON.stringify({ steps, straight }));
