import type { Dialect } from '../dialects/dialect.js';
import type { Listener } from './events.js';
import type { Chain } from './revisions.js';
import type { Writing } from './script-body.js';
import type { Stop } from './stop.js';

export interface ScriptOptions {
  /** What `--to` says; without it the head. */
  readonly to?: string;
  readonly stop: Stop;
  /** Told what the operator should know beside the script. */
  readonly listen: Listener;
}

/** Takes text of a script; done when more is wanted. */
export type Push = (text: string) => Promise<void>;

/** What stands at the top of every script. */
export const advice = (dialect: Dialect, usage: string): string[] => [
  'Take a backup, and stop the MLflow server first. It stops at the first error by itself.',
  dialect.transactionalDdl
    ? 'It is one transaction: where it stops, nothing has changed.'
    : 'Changes of the schema commit by themselves there; each revision is stamped when it is through. Where it stops, mltrack db upgrade goes on.',
  `Run it with: ${usage}`,
];

/** A revision, for people. */
export const nameOf = (chain: Chain, ordinal: number): string =>
  chain.revisions[ordinal]?.revision ?? 'the base';

/** Lines become text. */
export const emitter =
  (push: Push): Writing['emit'] =>
  async (...lines) => {
    for (const line of lines) await push(`${line}\n`);
  };
