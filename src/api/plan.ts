import { makePlan, type Plan } from '../core/plan.js';
import { loadReleases } from '../core/releases.js';
import { loadChain } from '../core/revisions.js';
import { resolveTarget } from '../core/target.js';
import type { Session } from '../dialects/dialect.js';
import { reading } from './connecting.js';
import type {
  AgreeingOptions,
  ConnectingOptions,
  Database,
  OnlineOptions,
  ServerOptions,
} from './options.js';
import { serverOf } from './server.js';

export interface PlanOptions
  extends ConnectingOptions,
    OnlineOptions,
    ServerOptions,
    Omit<AgreeingOptions, 'agree'> {
  /** A revision or the beginning of one, an MLflow version such as "2.9", "+1"; default the newest. */
  readonly to?: string | undefined;
}

/** Works out what an upgrade would do; see `src/index.ts`. @param last asks the open session something more */
export async function plan(
  database: Database,
  options: PlanOptions = {},
  last: (session: Session, made: Plan) => Promise<void> = async () => undefined,
): Promise<Plan> {
  const { to, yes = false, confirm = [] } = options;
  resolveTarget(to, 0, await loadChain(), await loadReleases());
  const server = await serverOf(options);
  return reading(database, options, async ({ session, stop, listen }) => {
    const made = await makePlan(session, {
      ...(to === undefined ? {} : { to }),
      ...{ yes, confirm, stop, listen },
      ...(server ? { server } : {}),
    });
    await last(session, made);
    return made;
  });
}
