let counter = 0;

/** A database name that no other test has, in whichever worker. */
export const uniqueName = (): string => `t${process.pid}_${Date.now().toString(36)}_${counter++}`;
