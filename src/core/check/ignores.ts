import type { Ignored, Reported } from './report.js';
import { type NotChecked, type RuleId, rowRules } from './rules.js';

/** One entry of an ignore file: what shall not be reported, and why. */
export interface Entry {
  readonly id?: string | undefined;
  readonly rule?: string | undefined;
  readonly table?: string | undefined;
  readonly name?: string | undefined;
  readonly database?: string | undefined;
  readonly reason: string;
  readonly expires?: string | undefined;
  /** "ignores.yml:3". */
  readonly where: string;
}

/** An ignore file. */
export type Ignores = readonly Entry[];

/** The database that findings are of. */
interface Of {
  readonly name: string | null;
  readonly database: string;
}

/** Findings, parted by what an ignore file covers. */
export interface Covered {
  readonly findings: readonly Reported[];
  readonly ignored: readonly Ignored[];
  readonly used: ReadonlySet<Entry>;
}

/** Parts findings by an ignore file. @param today ISO date; an entry covers to the end of its last day, in UTC */
export function cover(ignores: Ignores, of: Of, findings: readonly Reported[], today: string): Covered {
  const valid = ignores.filter((entry) => !isOver(entry, today) && isMeant(entry, of));
  const kept: Reported[] = [];
  const ignored: Ignored[] = [];
  const used = new Set<Entry>();
  for (const finding of findings) {
    const covering = valid.filter((entry) => covers(entry, finding));
    for (const entry of covering) used.add(entry);
    const [first] = covering;
    if (first) ignored.push({ finding, reason: first.reason, expires: first.expires ?? null });
    else kept.push(finding);
  }
  return { findings: kept, ignored, used };
}

/** A database that an ignore file was used for; `used` is null where it could not be checked. */
export interface Use extends Of {
  readonly used: ReadonlySet<Entry> | null;
  readonly notChecked: readonly NotChecked[];
  readonly rows: boolean;
}

/** Entries past their date, and those that covered nothing although all they may be about was looked at. */
export const staleOf = (ignores: Ignores, uses: readonly Use[], today: string): string[] =>
  ignores.flatMap((entry) => {
    const what = `${entry.where}: ${entry.id ?? entry.rule}`;
    if (isOver(entry, today))
      return [`${what} expired on ${entry.expires} and covers nothing since (${entry.reason})`];
    const concerned = uses.filter((use) => isMeant(entry, use));
    if (concerned.some((use) => use.used === null || use.used.has(entry) || isHidden(entry, use))) return [];
    return [`${what} covers nothing: take it out (${entry.reason})`];
  });

const isOver = ({ expires }: Entry, today: string): boolean => expires !== undefined && expires < today;

const isMeant = ({ database: pattern }: Entry, { name, database }: Of): boolean =>
  pattern === undefined || matches(pattern, database) || (name !== null && matches(pattern, name));

const covers = (entry: Entry, { id, rule: one, table, name }: Reported): boolean =>
  (entry.id === undefined || matches(entry.id, id)) &&
  (entry.rule === undefined || matches(entry.rule, one)) &&
  (entry.table === undefined || (table !== null && matches(entry.table, table))) &&
  (entry.name === undefined || (name !== null && matches(entry.name, name)));

/** Whether the entry is about what this role cannot see, or what only `--rows` looks at. */
function isHidden(entry: Entry, { notChecked, rows }: Use): boolean {
  const pattern = entry.rule ?? entry.id?.split(':')[0] ?? '*';
  const hidden: RuleId[] = notChecked.flatMap(({ hides }) => [...hides.rules]);
  return [...hidden, ...(rows ? [] : rowRules)].some((one) => matches(pattern, one));
}

/** `*` stands for any characters, `?` for one. */
export function matches(pattern: string, text: string): boolean {
  const source = pattern
    .replace(/[\\^$.|+()[\]{}]/g, '\\$&')
    .replaceAll('*', '.*')
    .replaceAll('?', '.');
  return new RegExp(`^${source}$`, 'su').test(text);
}
