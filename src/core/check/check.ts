import type { CheckModule, Finding, NotChecked } from '../../dialects/check.js';
import type { Session } from '../../dialects/dialect.js';
import { diff } from '../../schema/diff.js';
import type { Schema } from '../../schema/table.js';
import type { Server } from '../guard.js';
import { loadReleases, type Releases } from '../releases.js';
import { type Chain, expectedAt, loadChain } from '../revisions.js';
import { versionTableDefinition } from '../stamp.js';
import { writersOf } from '../starters.js';
import { ordinalIn, readState, revisionIn, type State, versionTable } from '../state.js';
import type { Stop } from '../stop.js';
import { type Verdict, verdictOn } from '../verdict.js';
import { findingOf } from './findings.js';
import { halfApplied } from './half-applied.js';
import { mayHide } from './hidden.js';
import type { Reported } from './report.js';
import { reported } from './reported.js';
import { wrongStamp } from './wrong-stamp.js';

export interface CheckOptions {
  /** Also read the rows: damage, foreign keys that point nowhere. */
  readonly rows: boolean;
  /** Being behind the head is an error. */
  readonly requireHead: boolean;
  /** `--for`: the MLflow that shall start. */
  readonly server: Server | null;
  readonly stop: Stop;
}

/** What a check found, before ignores. */
export interface Checked {
  readonly revision: string | null;
  readonly written: string;
  readonly behind: number;
  /** The ordinal of the stamp; -1 where nothing of MLflow's is there. */
  readonly current: number;
  readonly findings: readonly Reported[];
  readonly notChecked: readonly NotChecked[];
  readonly mlflow: Verdict | null;
  /** What MLflow has at the revision of the stamp, and what is there. */
  readonly expected: Schema;
  readonly live: Schema;
}

/** A stamp that moves while the schema is read: somebody upgrades. */
const attempts = 5;

/**
 * Compares a database with what MLflow has at its revision. Reads catalogs only (rows with `rows`), in autocommit: no
 * lock is held from one statement to the next.
 *
 * @throws exit 5 for a database that is not MLflow's or too new, 10 where the stamp may not be read
 */
export async function checkDatabase(session: Session, options: CheckOptions): Promise<Checked> {
  const [chain, releases] = await Promise.all([loadChain(), loadReleases()]);
  const { state, live } = await readBoth(session, chain, options.stop);
  const current = ordinalIn(state);
  const { server } = options;
  const seen = { state, current, tables: [...live.keys()] };
  const mlflow = server ? await verdictOn(seen, server, chain, releases) : null;
  const expected = current < 0 ? new Map() : schemaAt(chain, current, session, state);
  const module = await session.dialect.check();
  const { findings, notChecked } =
    current < 0
      ? { findings: [], notChecked: [] }
      : await compare({ session, chain, releases, module, expected, live, current }, options);
  const head = chain.revisions.length - 1;
  const behind = head - Math.max(current, 0);
  const all = [...standing(chain, current, behind, options.requireHead), ...findings];
  return {
    revision: revisionIn(state, chain),
    written: writersOf(chain, releases, current),
    ...{ behind, current, notChecked, mlflow, expected, live },
    findings: reported(
      all.filter((finding) => !isHidden(finding, notChecked)),
      session.dialect,
      live,
    ),
  };
}

/** The schema and the stamp that belongs to it. */
async function readBoth(session: Session, chain: Chain, stop: Stop): Promise<{ state: State; live: Schema }> {
  for (let attempt = 1; ; attempt++) {
    stop.check();
    const state = await readState(session, chain);
    const live = await session.introspect();
    const again = await readState(session, chain);
    if (attempt === attempts || ordinalIn(again) === ordinalIn(state)) return { state: again, live };
  }
}

function schemaAt(chain: Chain, current: number, session: Session, state: State): Schema {
  const schema = expectedAt(chain, current, session.dialect);
  return state.kind === 'revision'
    ? new Map([...schema, [versionTable, session.dialect.traits.settle(versionTableDefinition)]])
    : schema;
}

interface Comparing {
  readonly session: Session;
  readonly chain: Chain;
  readonly releases: Releases;
  readonly module: CheckModule;
  readonly expected: Schema;
  readonly live: Schema;
  readonly current: number;
}

async function compare(
  { session, chain, releases, module, expected, live, current }: Comparing,
  { rows, stop }: CheckOptions,
): Promise<{ findings: Finding[]; notChecked: readonly NotChecked[] }> {
  const { dialect } = session;
  const facts = await module.facts(session, expected, live);
  const plain = diff(expected, live, module.same);
  // What a role does not see is no sign of another revision.
  const seesTables = !facts.notChecked.some(({ hides }) => hides.rules.includes('table-missing'));
  const wrong = seesTables ? wrongStamp(chain, releases, current, live, plain, { dialect, module }) : null;
  const half = wrong || !seesTables ? null : halfApplied(chain, current, expected, live, dialect);
  const differences = half ? diff(half.expected, live, module.same) : plain;
  const yardstick = wrong
    ? new Map([...expectedAt(chain, wrong.ordinal, dialect), ...versionTableIn(expected)])
    : (half?.expected ?? expected);
  const told = wrong ? diff(yardstick, live, module.same) : differences;
  stop.check();
  const scanned = rows ? await module.scanRows(session, yardstick, live) : { findings: [], notChecked: [] };
  const first = wrong ?? half;
  return {
    findings: [
      ...(first?.finding ? [first.finding] : []),
      ...told.map((difference) => findingOf(difference, { expected: yardstick, live, dialect, module })),
      ...facts.findings,
      ...scanned.findings,
    ],
    notChecked: [...facts.notChecked, ...scanned.notChecked],
  };
}

const versionTableIn = (schema: Schema) => [...schema].filter(([name]) => name === versionTable);

/** How far the database is behind; nothing at the head. */
function standing(chain: Chain, current: number, behind: number, requireHead: boolean): Finding[] {
  if (behind === 0) return [];
  const head = chain.revisions.at(-1);
  const severity = requireHead ? 'error' : 'note';
  const upgrade = { kind: 'command', command: 'mltrack db upgrade' } as const;
  const common = { severity, table: null, expected: head?.revision ?? null, repair: upgrade } as const;
  if (current < 0)
    return [
      {
        ...{ ...common, rule: 'database-empty', object: 'database', name: null, found: null },
        why: 'there is nothing of MLflow’s yet; a server that starts here creates its tables',
      },
    ];
  const at = chain.revisions[current]?.revision ?? 'the base';
  return [
    {
      ...{ ...common, rule: 'revision-behind', object: 'revision', name: at, found: at },
      why: `it is ${behind} ${behind === 1 ? 'revision' : 'revisions'} behind MLflow ${head?.release}, which does not start on it`,
    },
  ];
}

const isHidden = ({ rule, table }: Finding, notChecked: readonly NotChecked[]): boolean =>
  notChecked.some((part) => part.hides.rules.includes(rule) && mayHide(part, table));
