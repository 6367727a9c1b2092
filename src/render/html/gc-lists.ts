import type { Kept } from '../../core/gc/eligible-rules.js';
import type { OrphanArtifact } from '../../core/gc/orphan-artifacts-types.js';
import type { GcPlan } from '../../core/gc/plan.js';
import type { SizeOfTable } from '../../core/report-facts.js';
import { orphanWords } from '../gc-orphan-artifacts.js';
import { countOf, sumOf } from '../gc-words.js';
import { count } from '../sentences.js';
import { bytes, rows } from '../units.js';
import { barChart } from './chart.js';
import type { Part } from './html.js';
import { details, name, section, table } from './parts.js';

const zero = { run: 0, model: 0, experiment: 0, job: 0 };

/** "2026-11-26 16:30:31 UTC"; what stands in a database may be no time at all. */
export function moment(ms: number): string {
  const date = new Date(ms);
  return Number.isNaN(date.getTime())
    ? `${ms} ms`
    : date
        .toISOString()
        .replace('T', ' ')
        .replace(/\.\d+Z$/, ' UTC');
}

type Item = GcPlan['items'][number];

/** More than so many are folded away. */
const manyItems = 25;

const folded = (title: string, n: number, body: Part): Part => (n > manyItems ? details(title, body) : body);

/** What goes or went, by kind. A reason that only says when it was deleted stands in a column of its own. */
export function goingSection(title: string, items: readonly Item[]): Part {
  const kinds = Object.keys(zero) as (keyof typeof zero)[];
  return section(
    title,
    kinds.flatMap((kind) => {
      const some = items.filter((item) => item.kind === kind);
      const caption = countOf(kind, some.length);
      return some.length === 0 ? [] : folded(caption, some.length, itemTable(caption, some));
    }),
  );
}

function itemTable(caption: string, items: readonly Item[]): Part {
  const counts = items.some(({ artifacts }) => artifacts !== undefined);
  const whys = items.map(whyOf);
  const says = whys.some((why) => why !== '');
  return table(
    caption,
    [
      ...[{ title: 'Id' }, { title: 'Name' }, { title: 'Experiment' }, { title: 'Deleted' }],
      ...(says ? [{ title: 'Why' }] : []),
      ...(counts ? (['Files', 'Size'] as const).map((one) => ({ title: one, number: true as const })) : []),
    ],
    items.map((item, i) => [
      name(item.id),
      item.name && name(item.name),
      item.kind === 'experiment' ? '' : item.experimentId,
      item.deletedAt === null ? 'not known' : moment(item.deletedAt),
      ...(says ? [whys[i]] : []),
      ...(counts ? artifactCells(item) : []),
    ]),
  );
}

const whyOf = ({ reason, traces }: Item): string =>
  [
    ...(/^deleted \d{4}-\d\d-\d\dT[\d:]+Z$/.test(reason) ? [] : [reason]),
    ...(traces ? [`with ${count(traces.count, 'trace')}`] : []),
  ].join(', ');

function artifactCells({ artifacts }: GcPlan['items'][number]): Part[] {
  if (!artifacts) return ['', ''];
  if ('why' in artifacts) return ['not counted', artifacts.why];
  return [rows(artifacts.files), bytes(artifacts.bytes)];
}

/** Rows of each table, the marked part of its bar goes. @param added 1: the sizes are from after, so that what went is not in them */
export function rowsSection(
  title: string,
  what: string,
  going: ReadonlyMap<string, number>,
  sizes: readonly SizeOfTable[] | null,
  added: 0 | 1,
): Part {
  const sum = sumOf(going.values());
  if (sum === 0) return null;
  const sizeOf = new Map(sizes?.map((one) => [one.table, one]));
  const bars = [...going]
    .filter(([, n]) => n > 0)
    .sort((a, b) => b[1] - a[1])
    .map(([of, n]) => {
      const size = sizeOf.get(of);
      const before = size?.rows == null ? null : Math.max(size.rows + added * n, n);
      const cells = [
        rows(n),
        before === null ? 'not known' : rows(before, size?.exact),
        before === null ? '' : `${((100 * n) / before).toFixed(1)} %`,
      ];
      return { label: name(of), value: before ?? n, marked: n, cells: sizes ? cells : [rows(n)] };
    });
  const titles = ['Table', `Rows ${what}`, ...(sizes ? ['Rows before', 'Part'] : [])];
  return section(
    title,
    barChart(
      `${count(sum, 'row')} in ${count(bars.length, 'table')}; the coloured part of a bar is what ${what === 'gone' ? 'went' : 'would go'}`,
      titles,
      bars,
    ),
  );
}

export function foldersSection(title: string, folders: readonly OrphanArtifact[]): Part {
  if (folders.length === 0) return null;
  return section(
    title,
    table(
      orphanWords(folders),
      [
        { title: 'Place' },
        { title: 'Of a' },
        { title: 'Files', number: true },
        { title: 'Size', number: true },
        { title: 'Newest file' },
        { title: 'Why it stays' },
      ],
      folders.map(({ place, kind, files, bytes: size, newest, keep }) => [
        name(place),
        kind === 'model' ? 'logged model' : kind,
        rows(files),
        bytes(size),
        newest === null ? 'not known' : moment(newest),
        keep ?? '',
      ]),
    ),
  );
}

/** What stays, by reason: the commonest first. */
export function keptSection(title: string, kept: readonly Kept[]): Part {
  if (kept.length === 0) return null;
  return section(
    title,
    folded(
      count(kept.length, 'item'),
      kept.length,
      table(
        count(kept.length, 'item'),
        [{ title: 'Id' }, { title: 'Kind' }, { title: 'Name' }, { title: 'Why it stays' }],
        kept.map(({ item, reason }): Part[] => [
          name(item.id),
          item.kind === 'model' ? 'logged model' : item.kind,
          item.name && name(item.name),
          reason,
        ]),
      ),
    ),
  );
}
