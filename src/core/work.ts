import type { Session } from '../dialects/dialect.js';
import type { Listener } from './events.js';
import type { Question, Server } from './guard.js';
import type { Releases } from './releases.js';
import type { Chain } from './revisions.js';
import type { State } from './state.js';
import type { Stop } from './stop.js';

export interface UpgradeOptions {
  /** What `--to` says; without it the head. */
  readonly to?: string;
  /** Questions are answered with yes. */
  readonly yes: boolean;
  /** What was agreed to beforehand: keys of questions, revisions also by their beginning. */
  readonly confirm?: readonly string[];
  /** Asks a person; without it nobody can be asked. */
  readonly ask?: (questions: readonly Question[]) => Promise<boolean>;
  /** The MLflow that shall run on the database, where it is known. */
  readonly server?: Server;
  /** For how long, in milliseconds, an upgrade that finds a table locked tries again; default not at all. */
  readonly lockWaitMs?: number;
  /** Called under the lock, when nothing stands against the upgrade any more and nothing has changed yet. */
  readonly beforeChange?: (session: Session) => Promise<void>;
  /** Opens a second connection that only reads, for progress; without it the server is not asked how far it is. */
  readonly watch?: () => Promise<Session>;
  readonly stop: Stop;
  readonly listen: Listener;
}

/** Everything one upgrade needs at hand. */
export interface Work {
  readonly session: Session;
  readonly chain: Chain;
  readonly releases: Releases;
  readonly options: UpgradeOptions;
  readonly started: number;
  /** Keys of questions that were answered with yes while it runs. */
  readonly agreed: Set<string>;
}

/** Where an upgrade starts and ends. */
export interface Position {
  readonly state: State;
  /** Ordinal the database stands at; -1 where there is nothing of MLflow's. */
  readonly current: number;
  readonly target: number;
}

/** Tells the operator something that is worth knowing afterwards. */
export const warn = (work: Work, messages: readonly string[]): void => {
  for (const message of messages) work.options.listen({ event: 'warning', message });
};
