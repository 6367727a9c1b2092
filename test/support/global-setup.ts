import type { TestProject } from 'vitest/node';
import { type PostgresServer, startPostgres } from './postgres-server.js';

declare module 'vitest' {
  interface ProvidedContext {
    /** null where no server could be started; the tests of that dialect then fail on CI and are skipped elsewhere. */
    postgres: Omit<PostgresServer, 'stop'> | null;
  }
}

/** One server a dialect for the whole run; each test has a database of its own on it. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  let server: PostgresServer | null = null;
  try {
    server = await startPostgres();
  } catch (error) {
    if (process.env.CI) throw error;
    console.error(`\n!!! PostgreSQL cannot run here, its tests are LEFT OUT: ${String(error)}\n`);
  }
  project.provide('postgres', server && ({ ...server, stop: undefined } as never));
  return async () => server?.stop();
}
