// Prints what mltrack would send to SQL Server, a revision at a time, as JSON. Each revision is compiled on what the
// one before left, as an upgrade does; then the whole of head at once, as on an empty database.
import { modules } from '../../bench/modules.mjs';

const [{ loadChain, operationsOf }, { parentsFirst }, { mssql }, { applyAll }] = await modules(
  'core/revisions',
  'core/order',
  'dialects/mssql/index',
  'schema/apply',
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
