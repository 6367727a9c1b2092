import { pipeline } from 'node:stream/promises';

/**
 * Prints a script as it comes, waiting for who reads, so that a long one does not gather in memory. A reader that ends
 * early (`| head`, a client that stops at an error) has what it wants, or says itself what is wrong.
 */
export async function printScript(script: AsyncIterable<string>): Promise<void> {
  try {
    await pipeline(script, process.stdout, { end: false });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== 'EPIPE' && code !== 'ERR_STREAM_PREMATURE_CLOSE') throw error;
  }
}
