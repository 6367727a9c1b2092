import { lstat, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { plainFields } from './file-store-meta-plain.js';

/** The scalars of a meta.yaml as they are written, or what is wrong with it. */
export type Meta =
  | { readonly fields: ReadonlyMap<string, string | null> }
  | {
      readonly wrong: string;
      readonly missing: boolean;
      /** Nobody looked into it: rights, or the disk. */
      readonly unreadable?: true;
    };

const name = 'meta.yaml';
/** MLflow's are below a kilobyte; what is larger is no meta.yaml and shall not fill the memory. */
const mostBytes = 1 << 20;

/**
 * Reads the meta.yaml of a directory. Every scalar stays text: a run id such as `1234…e5` is no number, and PyYAML,
 * which goes by YAML 1.1, writes it without quotes. An empty file is looked at again, as MLflow does (`_read_yaml`): a
 * server empties it before it writes.
 */
export async function readMeta(directory: string): Promise<Meta> {
  const file = join(directory, name);
  for (let attempt = 1; ; attempt++) {
    const text = await textOf(file);
    if (typeof text !== 'string') return text;
    if (text.trim() !== '') return parsed(text);
    if (attempt === 3) return wrong('it is empty');
    await pause(100 * attempt);
  }
}

const wrong = (why: string): Meta => ({ wrong: `its ${name} cannot be used: ${why}`, missing: false });

async function textOf(file: string): Promise<string | Meta> {
  try {
    const found = await lstat(file);
    if (!found.isFile()) return wrong('it is no file');
    if (found.size > mostBytes) return wrong(`it has ${found.size} bytes`);
    return new TextDecoder('utf-8', { fatal: true }).decode(await readFile(file));
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return { wrong: `it has no ${name}`, missing: true };
    if (code === 'ERR_ENCODING_INVALID_ENCODED_DATA') return wrong('it is not UTF-8');
    return { wrong: `its ${name} cannot be read (${code ?? error})`, missing: false, unreadable: true };
  }
}

async function parsed(text: string): Promise<Meta> {
  const plain = plainFields(text);
  if (plain) return { fields: plain };
  return parsedAsYaml(text);
}

/** The same for any YAML. */
export async function parsedAsYaml(text: string): Promise<Meta> {
  // Only who has a file store pays for the parser.
  const { isMap, isScalar, parseDocument } = await import('yaml');
  const document = parseDocument(text, { schema: 'failsafe', prettyErrors: false });
  if (document.errors.length > 0) return wrong('it is not YAML');
  if (!isMap(document.contents)) return wrong('it holds no keys and values');
  const fields = new Map<string, string | null>();
  for (const { key, value } of document.contents.items) {
    if (!isScalar(key)) continue;
    if (value === null) fields.set(String(key.value), null);
    else if (isScalar(value)) {
      const word = String(value.value ?? '');
      // Only a word without quotes means nothing.
      const none = value.type === 'PLAIN' && /^(|~|null|Null|NULL)$/.test(word);
      fields.set(String(key.value), none ? null : word);
    }
  }
  return { fields };
}
