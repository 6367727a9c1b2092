import { readdirSync } from 'node:fs';
import { uriStarts } from '../dialects/index.js';
import { loadNames } from './names.js';
import { compareVersions, loadReleases } from './releases.js';

/** A word that may be meant, and what it is. */
export interface Candidate {
  readonly value: string;
  readonly says?: string;
}

/** What can stand at the cursor. */
export interface Wanted {
  /** Words of the command line itself: commands, options, choices. */
  readonly words: readonly Candidate[];
  /** What else: a value named after an option's placeholder, as in `--to <target>`; null: nothing. */
  readonly value: string | null;
  /** What is typed so far of it. */
  readonly typed: string;
}

export interface Candidates {
  readonly candidates: readonly Candidate[];
  /** The shell shall offer names of files. */
  readonly files: boolean;
  /** The word is not yet whole: no space behind it. */
  readonly open: boolean;
  /** They stand in an order of their own. */
  readonly ordered: boolean;
}

/** What may stand at the cursor; nothing is asked of a database. */
export async function candidatesFor({ words, value, typed }: Wanted): Promise<Candidates> {
  const own = value === null ? undefined : sources[value];
  const found = { candidates: words, files: false, open: false, ordered: false, ...(await own?.(typed)) };
  const all = [...words, ...(own ? found.candidates : [])];
  return { ...found, candidates: all.filter((one) => one.value.startsWith(typed)) };
}

type Source = (typed: string) => Promise<Partial<Candidates>> | Partial<Candidates>;

const files: Source = () => ({ candidates: [], files: true });

/** By the placeholder of an option or the name of an argument. */
const sources: Readonly<Record<string, Source>> = {
  ...{ file: files, place: files, uri: uris, db_uri: uris, db_uris: uris, left_uri: uris, right_uri: uris },
  version: async () => ({ candidates: await releases(), ordered: true }),
  revision: async () => ({ candidates: await revisions() }),
  target: targets,
  what: async () => ({
    candidates: [
      { value: 'mlflow', says: 'an MLflow in use will not start any more' },
      { value: 'others', says: 'tables of another application' },
      { value: 'online', says: 'with --online: not all or nothing' },
      { value: 'copies', says: 'with --online: tables whose writers wait' },
      ...(await revisions()),
    ],
  }),
};

/** The newest patch of each release, the newest first. */
async function releases(): Promise<Candidate[]> {
  const all = [...(await loadReleases()).keys()].sort(compareVersions).reverse();
  return [...new Set(all.map((name) => name.replace(/\.\d+$/, '')))].map((value) => ({
    value,
    says: `MLflow ${all.find((name) => name.startsWith(`${value}.`))}`,
  }));
}

async function revisions(): Promise<Candidate[]> {
  return (await loadNames()).revisions.flatMap(({ revision, release }) =>
    revision === null ? [] : [{ value: revision, says: `MLflow ${release}` }],
  );
}

/** Releases and the head; revisions once one begins to be typed: they are seventy. */
async function targets(typed: string): Promise<Partial<Candidates>> {
  const exact = /^\d+\.\d+\./.test(typed) ? [...(await loadReleases()).keys()] : [];
  return {
    candidates: [
      { value: 'head', says: 'the newest revision' },
      ...(await releases()),
      ...exact.sort(compareVersions).map((value) => ({ value })),
      ...(typed === '' ? [] : await revisions()),
    ],
    ordered: true,
  };
}

/** How a URI begins, and the files of this machine behind the beginning that names a file. */
function uris(typed: string): Partial<Candidates> {
  const fileStart = uriStarts.find(({ file }) => file)?.start;
  if (fileStart === undefined || !typed.startsWith(fileStart)) {
    // `mltrack gc ./mlruns` takes a directory.
    const isPath = typed !== '' && !uriStarts.some(({ start }) => start.startsWith(typed));
    if (isPath) return { candidates: [], files: !typed.includes('://') };
    return { candidates: uriStarts.map(({ start, says }) => ({ value: start, says })), open: true };
  }
  const path = typed.slice(fileStart.length);
  const folder = path.replace(/[^/]*$/, '');
  const names = entriesOf(folder).map(({ name, isFolder }) => `${folder}${name}${isFolder ? '/' : ''}`);
  const values = names.map((name) => ({ value: `${fileStart}${name}` }));
  const fitting = values.filter(({ value }) => value.startsWith(typed));
  return { candidates: values, open: fitting.length === 1 && (fitting[0]?.value.endsWith('/') ?? false) };
}

/** Hidden files are left out; a folder that cannot be read has none. */
function entriesOf(folder: string): { name: string; isFolder: boolean }[] {
  try {
    return readdirSync(folder === '' ? '.' : folder, { withFileTypes: true })
      .filter(({ name }) => !name.startsWith('.') && !/[\s:]/.test(name))
      .map((entry) => ({ name: entry.name, isFolder: entry.isDirectory() }));
  } catch {
    return [];
  }
}
