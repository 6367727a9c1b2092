import { readStatus, type Status } from '../core/status.js';
import { reading } from './connecting.js';
import type { ConnectingOptions, Database, ServerOptions } from './options.js';
import { serverOf } from './server.js';

export interface StatusOptions extends ConnectingOptions, ServerOptions {}

/** Reads where a database stands; see `src/index.ts`. */
export async function status(database: Database, options: StatusOptions = {}): Promise<Status> {
  const server = await serverOf(options);
  return reading(database, options, ({ session }) => readStatus(session, server), { untouched: true });
}
