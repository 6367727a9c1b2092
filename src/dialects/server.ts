import type { Session } from './dialect.js';

/** Servers, unlike files, check their foreign keys themselves and lose nothing beside a change. */
export const server: Pick<Session, 'around' | 'orphans'> = {
  around: (_rebuilt, work) => work(),
  orphans: async () => [],
};
