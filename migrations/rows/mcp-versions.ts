import { type Refusal, type RowContext, rows } from '../../src/schema/index.js';

/** Columns that hold the version of an MCP server, and the column beside each that names the server. */
const references = [
  { table: 'mcp_server_version_tags', name: 'name', version: 'version' },
  { table: 'mcp_server_aliases', name: 'name', version: 'version' },
  { table: 'mcp_access_endpoints', name: 'server_name', version: 'server_version' },
] as const;

type Reference = (typeof references)[number];

interface Pair extends Record<string, unknown> {
  workspace: string;
  name: string;
  reference: string;
  stored: string;
}

/**
 * A reference that names its version in another case found it so far, and would not any more: MLflow refuses to go
 * on, and so do we (mlflow/store/db_migrations/versions/f4a9b2c7d1e6).
 */
export const refuseInexactVersions = rows({
  title: 'check the case of MCP server versions',
  reads: ['mcp_server_versions', ...references.map((reference) => reference.table)],
  writes: [],
  preflight: findInexactVersions,
  run: async (context) => {
    if (context.script) {
      for (const reference of references)
        await context.script.assert(
          `NOT EXISTS (${pairsOf(reference, context)})`,
          `${reference.table}.${reference.version} names a version of an MCP server in other case than it is stored; this upgrade tells the two apart: write the reference exactly as the version is stored`,
        );
      return;
    }
    const [first] = await findInexactVersions(context);
    if (first) throw new Error(first.message);
  },
});

async function findInexactVersions(context: RowContext): Promise<Refusal[]> {
  const found: Refusal[] = [];
  for (const reference of references) {
    const pairs = await context.query<Pair>(pairsOf(reference, context));
    found.push(...pairs.map((pair) => refusal(reference, pair)));
  }
  return found;
}

/**
 * The join compares as the columns do today, so it finds versions that differ in case; the bytes (128 characters
 * of at most four) leave only those that differ at all. Spaces at the end do not count: the collations that MLflow
 * chooses pad (utf8mb4_bin, SQL_Latin1_General_CP1_CS_AS).
 */
function pairsOf({ table, name, version }: Reference, { quote }: RowContext): string {
  const reference = `r.${quote(version)}`;
  const stored = `v.${quote('version')}`;
  return (
    `SELECT r.${quote('workspace')} AS ${quote('workspace')}, r.${quote(name)} AS ${quote('name')},` +
    ` ${reference} AS ${quote('reference')}, ${stored} AS ${quote('stored')}` +
    ` FROM ${quote(table)} r JOIN ${quote('mcp_server_versions')} v` +
    ` ON r.${quote('workspace')} = v.${quote('workspace')} AND r.${quote(name)} = v.${quote('name')}` +
    ` AND ${reference} = ${stored}` +
    ` WHERE CAST(RTRIM(${reference}) AS BINARY(512)) <> CAST(RTRIM(${stored}) AS BINARY(512))`
  );
}

const refusal = ({ table, version }: Reference, pair: Pair): Refusal => ({
  message:
    `${table}.${version} says "${pair.reference}" for the MCP server "${pair.name}" (workspace "${pair.workspace}"),` +
    ` but the version is stored as "${pair.stored}"; this upgrade tells the two apart.` +
    ` Write the reference exactly as the version is stored, then upgrade.`,
});
