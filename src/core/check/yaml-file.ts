import { readFile } from 'node:fs/promises';
import {
  type BaseIssue,
  type GenericSchema,
  type InferOutput,
  picklist,
  pipe,
  safeParse,
  transform,
} from 'valibot';
import { type Document, isMap, isNode, isScalar, LineCounter, parseDocument } from 'yaml';
import { usageError } from '../../errors.js';

type Path = readonly (string | number)[];

/** A file that was read, and where in it things stand. */
export interface YamlFile<T> {
  readonly value: T;
  /** The line, from 1, of what stands at a path. */
  lineOf(path: Path): number;
}

/** `true` or `false`. Files are read with every scalar as text, so that `for: 3.10` is not the number 3.1. */
export const flag = pipe(
  picklist(['true', 'false']),
  transform((text) => text === 'true'),
);

/**
 * Reads a YAML or JSON file and checks its shape. Values are never quoted in an error: they may hold passwords.
 *
 * @param keys the keys it may have, for the error about one that it may not
 * @throws exit 2, naming the file, the line and the path of the key
 */
export async function readYamlFile<S extends GenericSchema>(
  file: string,
  schema: S,
  keys: readonly string[],
): Promise<YamlFile<InferOutput<S>>> {
  const counter = new LineCounter();
  const text = await readText(file);
  const document = parseDocument(text, { schema: 'failsafe', lineCounter: counter, prettyErrors: false });
  const line = (offset: number): number => counter.linePos(offset).line;
  const [error] = document.errors;
  if (error)
    throw usageError(
      `${file}:${line(error.pos[0])}: this is not YAML: ${error.message.replace(/:? ?["'`].*/s, '')}`,
      'correct the file; JSON is YAML too',
    );
  const lineOf = (path: Path): number => line(offsetOf(document, path));
  const result = safeParse(schema, toValue(document, file), { abortEarly: true });
  if (result.success) return { value: result.output, lineOf };
  const [issue] = result.issues as [BaseIssue<unknown>, ...BaseIssue<unknown>[]];
  const path = (issue.path ?? []).map(({ key }) => key as string | number);
  const where = path.length === 0 ? '' : ` ${nameOf(path)}:`;
  throw usageError(`${file}:${lineOf(path)}:${where} ${sayOf(issue)}`, ...keys);
}

async function readText(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    throw usageError(
      `the file cannot be read: ${file} (${(error as NodeJS.ErrnoException).code})`,
      'check its path, owner and mode',
    );
  }
}

/** An alias that leads nowhere, or a thousand of them, shows only now. */
function toValue(document: Document, file: string): unknown {
  try {
    return document.toJS();
  } catch {
    throw usageError(`${file}: an alias (*name) in it cannot be resolved`, 'write out what it stands for');
  }
}

/** Where a path begins in the text: its key, or what is nearest above it. */
function offsetOf(document: Document, path: Path): number {
  for (let length = path.length; length > 0; length--) {
    const parent = length === 1 ? document.contents : document.getIn(path.slice(0, length - 1), true);
    const last = path[length - 1];
    const pair = isMap(parent)
      ? parent.items.find(({ key }) => isScalar(key) && String(key.value) === String(last))
      : undefined;
    if (isNode(pair?.key) && pair.key.range) return pair.key.range[0];
    const node = document.getIn(path.slice(0, length), true);
    if (isNode(node) && node.range) return node.range[0];
  }
  return document.contents?.range?.[0] ?? 0;
}

/** "databases[0].uri". */
export const nameOf = (path: Path): string =>
  path.map((key, i) => (typeof key === 'number' ? `[${key}]` : `${i > 0 ? '.' : ''}${key}`)).join('');

/** What is wrong, without what stands there. */
function sayOf(issue: BaseIssue<unknown>): string {
  if (issue.kind !== 'schema') return issue.message;
  if (issue.expected === 'never') return 'unknown key';
  if (issue.received === 'undefined' && issue.input === undefined) return 'is missing';
  return `expected ${expected[issue.type] ?? wordsOf(issue.expected ?? issue.type)}`;
}

const expected: Readonly<Record<string, string>> = {
  string: 'a text',
  array: 'a list',
  strict_object: 'keys with values',
};

/** valibot's `("true" | "false")` as "true or false". */
const wordsOf = (type: string): string => type.replace(/[()"]/g, '').replaceAll(' | ', ' or ');
