import { pipeline } from 'node:stream/promises';

/** Prints a script as it comes, waiting for who reads, so that a long one does not gather in memory. */
export const printScript = (script: AsyncIterable<string>): Promise<void> =>
  pipeline(script, process.stdout, { end: false });
