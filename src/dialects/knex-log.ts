const nothing = (): void => undefined;

/** Knex prints what goes wrong on standard output, in between of JSON or SQL, and throws it as well: that is enough. */
export const silent = { debug: nothing, warn: nothing, error: nothing, deprecate: nothing };
