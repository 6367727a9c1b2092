import { Command } from 'commander';
import { withSession } from '../core/connection.js';
import { type DatabaseDiff, diffDatabases } from '../core/diff-databases.js';
import type { Stop } from '../core/stop.js';
import type { Session } from '../dialects/dialect.js';
import { ExitCode, MltrackError } from '../errors.js';
import { printDiff } from '../render/diff.js';
import { exit, group, withTexts } from '../render/help-texts.js';
import { printSummary } from '../render/summary.js';
import { warningsOnly } from '../render/warnings.js';
import { openToRead, uriOf } from './connecting.js';

interface Options {
  wait: string;
  passwordFile?: string;
  rightPasswordFile?: string;
  driftOnly?: true;
  json?: true;
}

const texts = {
  notes: [
    'Reads the catalogs of both, in autocommit, and changes nothing. Passwords may stand in the URIs, in the files that the options name, or where the drivers look for them.',
  ],
  examples: [
    'mltrack db diff sqlite:///before.db sqlite:///after.db',
    'mltrack db diff postgresql://mlflow@staging/mlflow postgresql://mlflow@prod/mlflow --drift-only',
    'mltrack db diff sqlite:///mlflow.db postgresql://mlflow@db.example/mlflow',
  ],
  exits: [
    ['0', 'they are the same'],
    exit.usage,
    ['3', 'they differ'],
    ['5', "one is not MLflow's or too new"],
    exit.unreachable,
  ],
  docs: ['docs/status.md'],
} as const;

/** `mltrack db diff left_uri right_uri`. */
export function diffCommand(stop: Stop): Command {
  const command = new Command('diff')
    .argument('<left_uri>', 'SQLAlchemy URI')
    .argument('<right_uri>', 'SQLAlchemy URI, also of another kind of server')
    .option('--drift-only', 'leave out what is explained by different revisions')
    .option('--json', 'print one JSON event')
    .optionsGroup(group.connection)
    .option('--wait <duration>', 'keep trying to connect', '0s')
    .option('--password-file <file>', 'of the left one: the first line of a file')
    .option('--right-password-file <file>', 'of the right one: the first line of a file');
  return withTexts(command, texts).action((left: string, right: string, options: Options) =>
    run(left, right, options, stop),
  );
}

async function run(left: string, right: string, options: Options, stop: Stop): Promise<void> {
  const { wait, passwordFile, rightPasswordFile, driftOnly = false } = options;
  const open = async (text: string, file: string | undefined): Promise<Session> => {
    const own = { wait, ...(file === undefined ? {} : { passwordFile: file }) };
    const listen = warningsOnly;
    const opened = await openToRead(await uriOf(text, own, stop), own, stop, listen, { untouched: true });
    return opened.session;
  };
  const one = await open(left, passwordFile);
  const found = await withSession(one, async () => {
    const other = await open(right, rightPasswordFile);
    return withSession(other, () => diffDatabases(one, other, { driftOnly, stop }));
  });
  printDiff(found, options);
  if (!found.equal) throw differing(found);
  printSummary({ did: 'looked at, and nothing was changed' }, options);
}

function differing({ differences, sameRevision, left, right }: DatabaseDiff): Error {
  const things = [
    ...(sameRevision ? [] : ['their revisions']),
    ...(differences.length > 0
      ? [`${differences.length} ${differences.length === 1 ? 'thing' : 'things'}`]
      : []),
  ];
  return new MltrackError(
    ExitCode.drift,
    `${left.database} and ${right.database} differ in ${things.join(' and ')}`,
    {
      hints: [
        ...(sameRevision
          ? []
          : [
              'bring both to one revision: mltrack db upgrade; or look only at what that does not explain: --drift-only',
            ]),
        'what of it is not as MLflow has it, and the SQL that repairs it: mltrack db check',
      ],
    },
  );
}
