import { createHash } from 'node:crypto';
import { type BoundColumn, type RowContext, rows, source } from '../../src/schema/index.js';
import { NamedRows } from './naming.js';
import { pages } from './pages.js';
import { parseJson } from './python/json.js';
import { hasLoneSurrogate, lower, strip } from './python/text.js';
import { notStorable } from './storable.js';
import { insertRows } from './write-rows.js';

const COLUMNS: readonly BoundColumn[] = [
  { name: 'issue_id', type: 'text' },
  { name: 'category_hash', type: 'text' },
  { name: 'category', type: 'text' },
];

/**
 * Revision 8b6ad64cb8f5: issues were last seen when they were created, and their JSON list of categories becomes
 * rows (mlflow/store/db_migrations/versions/8b6ad64cb8f5_extend_issue_contract.py).
 *
 * MLflow fails on a list that it cannot read; we leave the rows of that issue out. The JSON column stays as it is.
 */
export const fillIssueCategories = rows({
  title: 'fill the categories of issues',
  reads: ['issues'],
  writes: ['issues', 'issue_categories'],
  streams: ['issues'],
  sources: [
    { table: 'issues', columns: ['issue_id', 'categories'], needs: { column: 'categories' } },
    { table: 'issue_categories', columns: ['issue_id', 'category_hash'] },
  ],

  async run(context) {
    await context.execute(
      'UPDATE issues SET last_seen_timestamp = created_timestamp WHERE last_seen_timestamp IS NULL',
    );
    const unreadable = new NamedRows();
    let done = 0;
    const read = {
      columns: 'i.issue_id, i.categories',
      from: `${source(context, 'issues')} i`,
      alias: 'i',
      key: ['issue_id'],
      where: 'i.categories IS NOT NULL',
    };
    for await (const page of pages<{ issue_id: string; categories: unknown }>(context, read)) {
      const entries = page.flatMap(({ issue_id, categories }) => {
        const hashed = categoriesByHash(categories);
        if (hashed && storable(context, hashed)) return [...hashed].map((entry) => [issue_id, ...entry]);
        unreadable.add(issue_id);
        return [];
      });
      await insertRows(context, 'issue_categories', COLUMNS, await missing(context, page, entries));
      done += page.length;
      context.progress(done);
    }
    if (unreadable.count === 0) return;
    context.warn(
      'issues whose categories are no JSON list of texts, where MLflow itself fails, have no rows in ' +
        `issue_categories; their JSON is kept: ${unreadable}`,
    );
  },
});

/**
 * The categories of one issue by the SHA-256 of their trimmed lower-case UTF-8: the last spelling of each, in the
 * order of first appearance. Null where MLflow raises. As in Python the items of a JSON text are its characters,
 * those of an object its keys.
 */
export function categoriesByHash(json: unknown): Map<string, string> | null {
  const value = typeof json === 'string' ? parseJson(json) : undefined;
  const items = value instanceof Map ? [...value.keys()] : typeof value === 'string' ? [...value] : value;
  if (!Array.isArray(items)) return null;
  const byHash = new Map<string, string>();
  for (const item of items) {
    if (typeof item !== 'string') return null;
    const normal = lower(strip(item));
    if (hasLoneSurrogate(normal)) return null;
    byHash.set(createHash('sha256').update(normal, 'utf8').digest('hex'), item);
  }
  return byHash;
}

const storable = (context: RowContext, categories: Map<string, string>): boolean =>
  [...categories.values()].every((category) => notStorable(context, category) === null);

/** The entries that are not there yet: an upgrade that died may have written some of the page's. */
async function missing(
  context: RowContext,
  page: readonly { issue_id: string }[],
  entries: readonly string[][],
): Promise<(readonly string[])[]> {
  const ids = page.map((issue) => issue.issue_id);
  const rows = await context.query<{ issue_id: string; category_hash: string }>(
    `SELECT c.issue_id, c.category_hash FROM ${source(context, 'issue_categories')} c WHERE c.issue_id IN (${ids.map(() => context.bind('text')).join(', ')})`,
    ids,
  );
  const held = new Set(rows.map((row) => `${row.issue_id} ${row.category_hash}`));
  return entries.filter(([id, hash]) => !held.has(`${id} ${hash}`));
}
