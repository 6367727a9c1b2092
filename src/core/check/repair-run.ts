import type { CheckModule } from '../../dialects/check.js';
import type { Session, Statement } from '../../dialects/dialect.js';
import type { RepairModule } from '../../dialects/repair.js';
import { ExitCode, MltrackError } from '../../errors.js';
import type { Listener } from '../events.js';
import { Progress } from '../progress.js';
import { send } from '../send.js';
import type { Stop } from '../stop.js';
import { Watch } from '../watch.js';
import { weighPlainly } from '../weigh.js';
import type { Chunk, Left } from './repair-plan.js';

export interface Running {
  readonly session: Session;
  readonly check: CheckModule;
  readonly module: RepairModule;
  readonly stop: Stop;
  readonly listen: Listener;
}

/** A repair that the server refused. */
export class RepairFailed extends Error {
  constructor(
    readonly owners: readonly string[],
    readonly tables: readonly string[],
    readonly left: Left,
  ) {
    super(left.reason);
  }
}

/** What is put off until the transaction is through. */
export interface PutOff {
  readonly statement: Statement;
  readonly owners: readonly string[];
}

/**
 * Carries chunks out, one statement after the other, but for what the server can do better outside of a transaction.
 *
 * @param later takes what is put off; false: it is done here
 * @throws RepairFailed with whose repair it was
 */
export async function runChunks(
  chunks: readonly Chunk[],
  running: Running,
  later: (work: PutOff) => boolean,
): Promise<void> {
  const { session, listen } = running;
  const progress = new Progress(listen, undefined, new Watch(listen));
  const steps = chunks.map((chunk) => ({ kind: 'change' as const, ...chunk, ordinal: 0, ends: [] }));
  progress.plan(await weighPlainly(session, new Set(chunks[0]?.before.keys() ?? []), steps));
  const created = new Set<string>();
  for (const chunk of chunks) {
    for (const operation of chunk.operations)
      if (operation.kind === 'createTable') created.add(operation.table.name);
    const replaced = chunk.statements.filter(({ replaces }) => replaces).map(({ table }) => table);
    await session.around(replaced, async () => {
      for (const statement of chunk.statements) {
        // A unique one may have to be there for the foreign keys that come after it; a new table has no readers.
        const isNow = created.has(statement.table) || makesUnique(chunk);
        const online = isNow ? null : running.check.online(statement);
        if (online && later({ statement: online, owners: chunk.owners })) continue;
        await runOne(statement, chunk.owners, running, progress);
      }
    });
  }
}

const makesUnique = ({ operations }: Chunk): boolean =>
  operations.some((operation) => operation.kind === 'createIndex' && operation.index.unique);

/** @throws RepairFailed */
export async function runOne(
  statement: Statement,
  owners: readonly string[],
  { session, stop }: Running,
  progress?: Progress,
): Promise<void> {
  stop.check();
  const run = () => send(session, statement);
  try {
    await (progress ? progress.statement(statement, run) : run());
  } catch (error) {
    stop.check();
    if (error instanceof MltrackError && error.exitCode !== ExitCode.blocked) throw error;
    const message = error instanceof Error ? error.message : String(error);
    const blocked = error instanceof MltrackError;
    throw new RepairFailed(owners, [statement.table], { reason: `the server refuses: ${message}`, blocked });
  }
}
