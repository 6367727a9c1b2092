import { Stop } from './core/stop.js';
import { ExitCode, MltrackError } from './errors.js';
import { packageVersion } from './package-folder.js';

/** Runs the command line. The only place that prints errors and sets the exit code. */
export async function main(argv: readonly string[]): Promise<void> {
  if (asksForVersion(argv)) {
    const version = packageVersion();
    process.stdout.write(
      asksForJson(argv) ? `{"event":"version","version":1,"mltrack":"${version}"}\n` : `${version}\n`,
    );
    return;
  }
  const stop = new Stop();
  const onInterrupt = () => stop.request('SIGINT');
  const onTerminate = () => stop.request('SIGTERM');
  process.on('SIGINT', onInterrupt);
  process.on('SIGTERM', onTerminate);
  for (const stream of [process.stdout, process.stderr]) stream.on('error', ignoreClosedPipe);
  try {
    const words = await withEnvFile(argv.slice(2));
    if (process.env.NO_COLOR) await withoutColours();
    const { runWords } = await import('./cli.js');
    const code = await runWords(words, stop);
    if (code !== ExitCode.done) process.exitCode = code;
  } catch (error) {
    process.exitCode = await report(error, argv);
  } finally {
    process.off('SIGINT', onInterrupt);
    process.off('SIGTERM', onTerminate);
  }
}

/** `mltrack --version`, also with `--json`: scripts and images ask for it, and need not wait for the tree of commands. */
const asksForVersion = ([, , ...words]: readonly string[]): boolean => {
  const others = words.filter((word) => word !== '--version' && word !== '-V');
  return others.length < words.length && others.every((word) => word === '--json');
};

/**
 * The words without `--env-file FILE`, whose variables are set before anything else is read: what a command reads of
 * the environment, at once or later, comes after it.
 */
async function withEnvFile(words: readonly string[]): Promise<readonly string[]> {
  if (!words.some((word) => word.startsWith('--env-file'))) return words;
  const { loadEnvFile, takeEnvFile } = await import('./core/env-file.js');
  const { words: rest, file } = takeEnvFile(words);
  if (file !== undefined) loadEnvFile(file, process.env);
  return rest;
}

/** Commander heeds `NO_COLOR` (no-color.org) by itself, chalk does not. */
async function withoutColours(): Promise<void> {
  const { default: chalk, chalkStderr } = await import('chalk');
  chalk.level = 0;
  chalkStderr.level = 0;
}

async function report(error: unknown, argv: readonly string[]): Promise<number> {
  const json = asksForJson(argv);
  if (json) (await import('./render/json.js')).printEvent(errorEvent(error));
  else process.stderr.write((await import('./render/error.js')).renderError(error));
  return error instanceof MltrackError ? error.exitCode : ExitCode.unexpected;
}

/** `--json`, or the same as a format. */
const asksForJson = (argv: readonly string[]): boolean =>
  argv.some(
    (arg, i) => arg === '--json' || arg === '--format=json' || (arg === '--format' && argv[i + 1] === 'json'),
  );

function errorEvent(error: unknown) {
  const known = error instanceof MltrackError;
  return {
    event: 'error',
    exitCode: known ? error.exitCode : ExitCode.unexpected,
    message: error instanceof Error ? error.message : String(error),
    hints: known ? error.hints : ['everything was rolled back; please report this'],
  };
}

/** `mltrack … | head` closes the pipe; the work goes on. */
function ignoreClosedPipe(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EPIPE') throw error;
}
