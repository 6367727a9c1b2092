import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { categoriesByHash } from '../../../migrations/rows/issue-categories.js';
import { finiteFloat } from '../../../migrations/rows/python/float.js';
import { type PythonJson, parseJson } from '../../../migrations/rows/python/json.js';
import { asciiNumber, isSpace, lower, strip } from '../../../migrations/rows/python/text.js';
import { dimensionsOf } from '../../../migrations/rows/trace-analytics/dimensions.js';
import {
  assessmentAggregate,
  bounded,
  jsonObject,
  tokenCount,
} from '../../../migrations/rows/trace-analytics/values.js';

type Encoded =
  | null
  | boolean
  | string
  | { int: string }
  | { float: string }
  | { list: Encoded[] }
  | { dict: [string, Encoded][] };

/** What fixtures/tools/python_corpus.py wrote: inputs, and what Python and MLflow's helpers make of them. */
interface Corpus {
  json: [text: string, readable: boolean, value: Encoded][];
  objects: [text: string, value: Encoded][];
  numbers: [json: string, float: string | null, count: string | null][];
  floats: [float: string, count: string | null][];
  bounded: [text: string, length: number, value: string, cut: boolean][];
  assessments: [text: string, aggregate: string | null, numeric: boolean][];
  dimensions: [stored: string, accepted: boolean, model: string | null, provider: string | null][];
  categories: [text: string, rows: [hash: string, category: string][] | null][];
  texts: [text: string, stripped: string, lowered: string][];
  lower: string[];
  space: number[];
  zeros: number[];
}

const file = new URL('../../../fixtures/python_corpus.json', import.meta.url);
const corpus = JSON.parse(readFileSync(file, 'utf8')) as Corpus;

function bits(value: number): string {
  const buffer = Buffer.alloc(8);
  buffer.writeDoubleBE(value);
  return buffer.toString('hex');
}

function encoded(value: PythonJson): Encoded {
  if (typeof value === 'bigint') return { int: String(value) };
  if (typeof value === 'number') return { float: bits(value) };
  if (Array.isArray(value)) return { list: value.map(encoded) };
  if (value instanceof Map) return { dict: [...value].map(([key, item]) => [key, encoded(item)]) };
  return value;
}

const json = (text: string): PythonJson => {
  const value = parseJson(text);
  if (value === undefined) throw new Error(`unreadable: ${text}`);
  return value;
};

/** Every case beside what we make of it; one comparison, so that a failure shows all that differ. */
function agree<T extends unknown[]>(cases: readonly T[], ours: (wanted: T) => unknown[]): void {
  expect(cases.length).toBeGreaterThan(0);
  const differing = cases
    .map((wanted) => ({ wanted, got: ours(wanted) }))
    .filter(({ wanted, got }) => JSON.stringify(wanted) !== JSON.stringify(got));
  expect(differing).toEqual([]);
}

describe('json.loads', () => {
  it('reads and refuses what Python does, keeping int and float apart', () => {
    agree(corpus.json, ([text]) => {
      const value = parseJson(text);
      return value === undefined ? [text, false] : [text, true, encoded(value)];
    });
  });

  it('takes an object for what it is and everything else for an empty one', () => {
    agree(corpus.objects, ([text]) => [text, encoded(jsonObject(text))]);
  });

  it('reads any depth', () => {
    const depth = 200_000;
    let value = parseJson('['.repeat(depth) + ']'.repeat(depth));
    for (let level = 1; level < depth; level++) value = (value as PythonJson[])[0];
    expect(value).toEqual([]);
  });
});

describe('numbers', () => {
  it('converts JSON values with float() and Decimal(str()) as MLflow does', () => {
    agree(corpus.numbers, ([text]) => {
      const value = json(text);
      const float = finiteFloat(value);
      return [text, float === null ? null : bits(float), tokenCount(value)?.toString() ?? null];
    });
  });

  it('counts the floats of a column by their shortest text', () => {
    agree(corpus.floats, ([float]) => [
      float,
      tokenCount(Buffer.from(float, 'hex').readDoubleBE())?.toString() ?? null,
    ]);
  });
});

describe('text', () => {
  it('strips and lowers as Python does', () => {
    agree(corpus.texts, ([text]) => [text, strip(text), lower(text)]);
  });

  it('lowers every character as Unicode 14 has it', () => {
    const blocks = corpus.lower.map((_, i) => {
      const points = Array.from({ length: 0x1000 }, (_, offset) => i * 0x1000 + offset);
      const lowered = points
        .filter((point) => point < 0xd800 || point >= 0xe000)
        .map((point) => lower(String.fromCodePoint(point)));
      return createHash('sha256').update(lowered.join('\n')).digest('hex');
    });
    expect(blocks).toEqual(corpus.lower);
  });

  it('knows all whitespace and all decimal digits', () => {
    const points = Array.from({ length: 0x110000 }, (_, point) => point);
    expect(points.filter((point) => point <= 0xffff && isSpace(point))).toEqual(corpus.space);
    expect(points.filter((point) => asciiNumber(String.fromCodePoint(point)) === '0')).toEqual(corpus.zeros);
    for (const zero of corpus.zeros) expect(asciiNumber(String.fromCodePoint(zero + 9))).toBe('9');
  });

  it('cuts between code points', () => {
    agree(corpus.bounded, ([text, length]) => {
      const { value, cut } = bounded(text, length);
      return [text, length, value, cut];
    });
  });
});

describe('rows', () => {
  it('aggregates assessments', () => {
    agree(corpus.assessments, ([text]) => {
      const { aggregate, numeric } = assessmentAggregate(text);
      return [text, aggregate === null ? null : bits(aggregate), numeric];
    });
  });

  it('accepts and refuses dimension attributes', () => {
    agree(corpus.dimensions, ([stored]) => {
      const dimensions = dimensionsOf(stored);
      if ('refused' in dimensions) return [stored, false];
      return [stored, true, dimensions.model, dimensions.provider];
    });
  });

  it('hashes issue categories', () => {
    agree(corpus.categories, ([text]) => {
      const hashed = categoriesByHash(text);
      return [text, hashed && [...hashed]];
    });
  });
});
