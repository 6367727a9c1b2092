import type { NotChecked } from '../../dialects/check.js';
import type { Session } from '../../dialects/dialect.js';
import { type Checked, checkDatabase } from '../check/check.js';
import { loadReleases } from '../releases.js';
import { releaseLines } from '../starters.js';
import type { Stop } from '../stop.js';

/** One of the two databases. Field names are stable. */
export interface Side {
  readonly database: string;
  readonly server: string;
  /** null: no stamp. */
  readonly revision: string | null;
  /** The MLflow releases that end at this revision: "2.9–2.12"; null where none does. */
  readonly releases: string | null;
  /** "written by MLflow 2.9–2.12". */
  readonly written: string;
  readonly behind: number;
  /** What the role may not see: no difference, and not the same either. */
  readonly notChecked: readonly NotChecked[];
}

/** A side with all that was read of it. */
export interface ReadSide {
  readonly side: Side;
  readonly session: Session;
  readonly checked: Checked;
}

/** @throws exit 5 for a database that is not MLflow's or too new */
export async function readSide(session: Session, stop: Stop): Promise<ReadSide> {
  const [checked, releases] = await Promise.all([
    checkDatabase(session, { rows: false, requireHead: false, server: null, stop }),
    loadReleases(),
  ]);
  const { revision, written, behind, notChecked } = checked;
  const side: Side = {
    ...{ database: session.place, server: session.server, revision, written, behind, notChecked },
    releases: revision === null ? null : releaseLines(releases, revision),
  };
  return { side, session, checked };
}
