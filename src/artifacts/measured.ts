import type { ArtifactFile, Measure } from './store.js';

/** Counts what a store lists, in constant memory. */
export async function measured(list: AsyncIterable<ArtifactFile>): Promise<Measure> {
  let [files, bytes] = [0, 0];
  let newest: Date | null = null;
  for await (const file of list) {
    files++;
    bytes += file.bytes;
    if (file.modified && (!newest || file.modified > newest)) newest = file.modified;
  }
  return { files, bytes, newest };
}
