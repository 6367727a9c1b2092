import { ExitCode, MltrackError } from '../../errors.js';
import type { Schema } from '../../schema/table.js';
import type { Finding, ServerFacts } from '../check.js';
import type { Session } from '../dialect.js';
import { quote } from './quote.js';

/** After so many messages SQLite stops looking. */
const mostMessages = 50;

/**
 * `PRAGMA integrity_check`: pages, the order of rows, indexes against their tables, NOT NULL. It reads the
 * whole file (https://www.sqlite.org/pragma.html#pragma_integrity_check).
 */
export async function scanIntegrity(session: Session, live: Schema): Promise<ServerFacts> {
  const whole = await messagesOf(session, null);
  const messages: Message[] = [];
  if (whole.died === null)
    messages.push(...whole.lines.map((text) => ({ text, table: tableIn(text, live) })));
  // Of some damage the PRAGMA itself dies: then table by table, so that each is named.
  else
    for (const table of live.keys()) {
      const { lines, died } = await messagesOf(session, table);
      messages.push(...lines.map((text) => ({ text, table })));
      if (died !== null) messages.push({ text: died, table });
    }
  if (whole.died !== null && messages.length === 0) messages.push({ text: whole.died, table: null });
  return {
    findings: messages.slice(0, mostMessages).map(findingOf),
    notChecked: messages.length < mostMessages ? [] : [stopped],
  };
}

interface Message {
  readonly text: string;
  readonly table: string | null;
}

/** @param table null: the whole file, its free pages too */
async function messagesOf(
  session: Session,
  table: string | null,
): Promise<{ readonly lines: string[]; readonly died: string | null }> {
  try {
    const rows = await session.query(
      `PRAGMA integrity_check(${table === null ? mostMessages : quote(table)})`,
    );
    // One message may hold several lines: "*** in database main ***", then a line a page.
    const lines = rows
      .flatMap((row) => String(Object.values(row)[0]).split('\n'))
      .filter((line) => line !== 'ok' && line !== '' && !line.startsWith('***'));
    return { lines: lines.slice(0, mostMessages), died: null };
  } catch (error) {
    if (error instanceof MltrackError && error.exitCode === ExitCode.blocked)
      return { lines: [], died: error.message };
    throw error;
  }
}

function findingOf({ text, table }: Message): Finding {
  return {
    ...{ rule: 'rows-damaged', severity: 'error', object: 'table', name: null, expected: null },
    ...{ table, found: text },
    why: 'what SQLite reads there may be wrong or missing, and a write can make it worse',
    repair: { kind: 'none', reason: reasonFor(text) },
  };
}

/** An index against its table can be built anew; the rest of a file cannot. */
const reasonFor = (message: string): string =>
  /missing from index|wrong # of entries in index|non-unique entry in index/.test(message)
    ? 'back the file up, then: sqlite3 FILE "REINDEX"'
    : /^\w+ value in/.test(message)
      ? 'give these rows a value that the table allows'
      : 'restore a backup, or try: sqlite3 FILE ".recover" | sqlite3 NEW';

/** "NULL value in runs.name", "row 3 missing from index i_runs": the words name a table or an index of one. */
function tableIn(message: string, live: Schema): string | null {
  const words = new Set(message.match(/\w+/g));
  for (const table of live.values())
    if (words.has(table.name) || table.indexes.some(({ name }) => words.has(name))) return table.name;
  const auto = /sqlite_autoindex_(\w+)_\d+/.exec(message)?.[1];
  return auto !== undefined && live.has(auto) ? auto : null;
}

const stopped = {
  what: `damage beyond the first ${mostMessages} messages`,
  why: 'SQLite stops looking there',
  remedy: 'repair what is named and check again',
  hides: { rules: [] },
};
