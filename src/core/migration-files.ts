import { readdir, readFile } from 'node:fs/promises';
import type { Revision } from '../schema/revision.js';
import { indexNames } from './name-index.js';
import type { NameIndex } from './names.js';

/*
 * How the files of `migrations/` are found: here by looking into the folder, so that a new revision is one new file
 * there and nothing else. In the bundle `rolldown.config.js` puts a list of the same files in this module's place.
 */

const folder = new URL('../../migrations/', import.meta.url);
const ending = import.meta.url.endsWith('.ts') ? 'ts' : 'js';
const fileName = /^\d{3}_(base|[0-9a-f]+)(?:_\w+)?\.[jt]s$/;

/** The modules of the revisions by file name, in order. */
export async function revisionModules(): Promise<[string, { readonly default: unknown }][]> {
  const names = (await readdir(folder)).filter((name) => fileName.test(name)).sort();
  return Promise.all(
    names.map(
      async (name): Promise<[string, { readonly default: unknown }]> => [
        name,
        await import(new URL(name, folder).href),
      ],
    ),
  );
}

/** The names of the revisions; in the bundle without reading the rest of them. */
export const nameIndex = async (): Promise<NameIndex> =>
  indexNames((await revisionModules()).map(([, file]) => file.default as Revision));

/** The module of the links that have no foreign key. */
export const linksModule = (): Promise<unknown> => import(new URL(`links.${ending}`, folder).href);

/** What stands in a JSON file. */
export const jsonFile = async (name: 'releases' | 'starts'): Promise<unknown> =>
  JSON.parse(await readFile(new URL(`${name}.json`, folder), 'utf8'));
