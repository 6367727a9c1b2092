import { spawnSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { seeded } from '../prepopulate/traces.js';
import { clientPath } from '../support/clients.js';
import { password } from '../support/server.js';
import { type CommandLine, commandsOf, fencesOf, pages } from './pages.js';
import { type At, type Scene, stageAt } from './stage.js';

/*
 * Every command line in README.md, SECURITY.md and docs/ is run, in the order of its page. How a page writes them:
 *
 * - In a block ```sh each line is a command; in a block ```console those behind `$ ` are, and what follows is what they
 *   print (`…` on a line of its own: some lines left out). Times, sizes and versions of servers may differ, all else not.
 * - `# …` behind a command is for the reader; `# exit 3` is the exit code that the page promises, 0 where none is.
 * - Databases: `sqlite:///mlflow.db` at the release below, `sqlite:///new.db` at the newest, `drifted.db`, files in `/srv/mlflow/`,
 *   `/backup/`, `/run/secrets/`, and `postgresql://mlflow@db.example/mlflow`, `mysql://…`, `mariadb://…` at the same
 *   release. Where the server is not here (SQL Server) the line must end with 9.
 * - What a terminal would be asked is agreed to (`MLTRACK_YES=1`), unless the page promises 6.
 * - No `…` in a command. What is not mltrack's stands in the list below, with the reason.
 */

/** What the page's databases are, where 2.9 is not it. */
const release: Readonly<Record<string, At>> = {
  'README.md': 'nothing',
  'docs/check.md': 'head',
  'docs/ci.md': 'head',
  'docs/downgrade.md': 'head',
  'docs/prepopulate.md': '3.16',
};

/**
 * What the real `mlflow db upgrade` of 3.18.0 had run, from MLflow 3.9's database on MySQL 9.7 on, when its connection
 * was cut before its 20th statement (by .ci/crash/stopped.py): two revisions, and these of the third.
 */
const halfMigrated = [
  'ALTER TABLE experiments DROP INDEX name',
  "ALTER TABLE experiments ADD COLUMN workspace VARCHAR(63) NOT NULL DEFAULT 'default'",
  'ALTER TABLE experiments ADD CONSTRAINT uq_experiments_workspace_name UNIQUE (workspace, name)',
  'ALTER TABLE model_versions DROP FOREIGN KEY model_versions_ibfk_1',
  'ALTER TABLE registered_model_tags DROP FOREIGN KEY registered_model_tags_ibfk_1',
  'ALTER TABLE registered_model_aliases DROP FOREIGN KEY registered_model_alias_name_fkey',
  'ALTER TABLE model_version_tags DROP FOREIGN KEY model_version_tags_ibfk_1',
  'ALTER TABLE registered_models DROP INDEX name',
  "ALTER TABLE registered_models ADD COLUMN workspace VARCHAR(63) NOT NULL DEFAULT 'default'",
  'ALTER TABLE registered_models DROP PRIMARY KEY',
  'ALTER TABLE registered_models ADD CONSTRAINT registered_model_pk PRIMARY KEY (workspace, name)',
];

/** What a page is about. */
const scenes: Readonly<Record<string, Scene>> = {
  'docs/prepopulate.md': { rows: seeded('sqlite') },
  'docs/runbook-mysql.md': { mysql: { ordinal: 48, sql: halfMigrated } },
};

/** Lines that are not mltrack's: run as well, or not and why. */
const foreign: readonly { readonly is: RegExp; readonly run: boolean; readonly why: string }[] = [
  { is: /^(sh backup\.sh|mkdir backups)$/, run: true, why: 'part of what the page shows' },
  { is: /^npm ci && npm test$/, run: false, why: 'it is what runs this' },
  { is: /^python \.ci\/[\w/]+\.py( |$)/, run: false, why: 'CI runs these; they need MLflow' },
  { is: /^MLFLOW_PYTHON=\S+ npm run parity:full$/, run: false, why: 'it takes half an hour, and MLflow' },
  { is: /^(docker|kubectl) /, run: false, why: 'no cluster here; what mltrack is given is run' },
  { is: /^cd docs\/deploy$/, run: false, why: 'for docker compose' },
  { is: /openssl rand .* > db-password\.txt\)$/, run: false, why: 'for docker compose' },
  { is: /^printf %s '[^']*' > (uri|password)$/, run: false, why: 'for kubectl' },
];

const hasJq = spawnSync('jq', ['--version']).status === 0;

/** A run of an image is a run of mltrack with what stands behind the image. */
const asRun = (line: string): string =>
  line
    .replace(/^docker run .* registry\.example\/mltrack:\S+ /, 'mltrack ')
    .replace(/^npm ci && (?=npx mltrack )/, '')
    .replace(hasJq ? /$^/ : / \| jq .*$/, '');

const isMltrack = (line: string): boolean =>
  /^(\w+=\S+ )*(mltrack|npx mltrack|node \.mltrack\/bin\/mltrack\.js)( |$)/.test(line);

/** What may differ from one run to the next, masked. */
const masked = (text: string): string =>
  text
    .replaceAll(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, '<time>')
    .replaceAll(/\d{8}T\d{6}Z/g, '<time>')
    .replaceAll(/\([\d,]+ days ago\)/g, '(<n> days ago)')
    .replaceAll(/\b(SQLite|PostgreSQL|MySQL|MariaDB) \d[\w.-]*/g, '$1 <version>')
    .replaceAll(/[~<]?\d[\d,.:]* (s|ms|min|h)\b/g, '<duration>')
    .replaceAll(/~?\d[\d,.]* (B|bytes|KiB|MiB|GiB|TiB)\b/g, '<size>')
    // Whether rows were counted or estimated depends on how busy the machine is.
    .replaceAll(/~(?=\d)/g, '')
    .replaceAll(/ {2,}/g, '  ')
    .trimEnd();

/** What a slow machine says in between. */
const progress = /^<time> \d+ %/;

/** Whether the lines of the page are those that were printed, in their order; null, or the first that is not. */
function missingLine(page: readonly string[], output: string): string | null {
  const printed = output
    .split('\n')
    .map(masked)
    .filter((line) => !progress.test(line));
  let at = 0;
  let skips = false;
  for (const line of page.map(masked).filter((one) => !progress.test(one))) {
    if (line === '' && printed[at] !== '') continue;
    if (line === '…') {
      skips = true;
      continue;
    }
    const found: number = skips ? printed.indexOf(line, at) : printed[at] === line ? at : -1;
    if (found < 0) return line;
    [at, skips] = [found + 1, false];
  }
  return skips || printed.slice(at).every((line) => line === '') ? null : `and no more; but: ${printed[at]}`;
}

async function holds(line: CommandLine, stage: Awaited<ReturnType<typeof stageAt>>): Promise<void> {
  const text = asRun(line.text);
  const where = `${line.page}:${line.number}: ${line.text}`;
  const other = isMltrack(text) ? undefined : foreign.find(({ is }) => is.test(text));
  if (!isMltrack(text) && !other) throw new Error(`${where}\nis in no list of this test`);
  if (other && !other.run) return;
  expect(text, 'a command is written whole').not.toContain('…');
  const ran = await stage.run(text, line.exit === 6 ? {} : { MLTRACK_YES: '1' });
  expect(ran.output, where).not.toContain(password);
  expect(ran.code, `${where}\n${ran.output}`).toBe(ran.reached ? line.exit : 9);
  if (line.prints?.length && ran.reached)
    expect(missingLine(line.prints, ran.output), `${where}\nprints:\n${ran.output}`).toBeNull();
}

describe.concurrent('command lines', () => {
  const withCommands = pages.filter(
    (page) => commandsOf(page).length > 0 && (page !== 'docs/backup.md' || clientPath('sqlite') !== null),
  );
  it.each(withCommands)(
    '%s: each runs, and prints what the page says',
    async (page) => {
      const stage = await stageAt(release[page] ?? '2.9', scenes[page]);
      try {
        for (const line of commandsOf(page)) await holds(line, stage);
      } finally {
        await stage.drop();
      }
    },
    300_000,
  );
});

it('a reader of pages finds commands, their ends and what they print', () => {
  const text = '```console\n$ mltrack a \\\n    b  # exit 3: why\none\n…\n```\n```sh\nmltrack c   # d\n```\n';
  expect(fencesOf(text)).toHaveLength(2);
  expect(commandsOf('p', text)).toEqual([
    { page: 'p', number: 2, text: 'mltrack a b', exit: 3, prints: ['one', '…'] },
    { page: 'p', number: 8, text: 'mltrack c', exit: 0, prints: null },
  ]);
  expect(() => commandsOf('p', '```\nmltrack db upgrade\n```\n')).toThrow('outside of sh and console');
  expect([missingLine(['a', '…', 'c'], 'a\nb\nc\n'), missingLine(['a', 'c'], 'a\nb\nc\n')]).toEqual([
    null,
    'c',
  ]);
  expect(missingLine(['in 0.1 s'], 'in 2 s\nmore\n')).toBe('and no more; but: more');
});
