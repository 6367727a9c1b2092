import type { CommanderError } from 'commander';
import { Stop } from './core/stop.js';
import { ExitCode, MltrackError, usageError } from './errors.js';
import { packageVersion } from './package-folder.js';
import { withoutSecrets } from './render/secrets.js';

/** Runs the command line. The only place that prints errors and sets the exit code. */
export async function main(argv: readonly string[]): Promise<void> {
  if (asksForVersion(argv)) {
    process.stdout.write(`${packageVersion()}\n`);
    return;
  }
  const stop = new Stop();
  const onInterrupt = () => stop.request('SIGINT');
  const onTerminate = () => stop.request('SIGTERM');
  process.on('SIGINT', onInterrupt);
  process.on('SIGTERM', onTerminate);
  for (const stream of [process.stdout, process.stderr]) stream.on('error', ignoreClosedPipe);
  try {
    const { buildProgram } = await import('./cli.js');
    const program = await buildProgram(stop, argv);
    await program.parseAsync([...argv]);
  } catch (error) {
    process.exitCode = await report(error, argv);
  } finally {
    process.off('SIGINT', onInterrupt);
    process.off('SIGTERM', onTerminate);
  }
}

/** `mltrack --version` and nothing else: scripts and images ask for it, and need not wait for the tree of commands. */
const asksForVersion = ([, , ...words]: readonly string[]): boolean =>
  words.length === 1 && (words[0] === '--version' || words[0] === '-V');

async function report(thrown: unknown, argv: readonly string[]): Promise<number> {
  const { CommanderError } = await import('commander');
  const json = asksForJson(argv);
  let error = thrown;
  if (thrown instanceof CommanderError) {
    if (thrown.exitCode === 0) return ExitCode.done;
    // Without a command Commander has printed the help already.
    if (thrown.code === 'commander.help' && !json) return ExitCode.usage;
    error = usageOf(thrown);
  }
  if (json) process.stdout.write(`${JSON.stringify(errorEvent(error))}\n`);
  else process.stderr.write((await import('./render/error.js')).renderError(error));
  return error instanceof MltrackError ? error.exitCode : ExitCode.unexpected;
}

/** `--json`, or the same as a format. */
const asksForJson = (argv: readonly string[]): boolean =>
  argv.some(
    (arg, i) => arg === '--json' || arg === '--format=json' || (arg === '--format' && argv[i + 1] === 'json'),
  );

/** Commander's "error: unknown option '--x'", with its suggestion on a second line. */
function usageOf({ code, message }: CommanderError): MltrackError {
  const [text = '', suggestion] = message.replace(/^error: /, '').split('\n');
  return usageError(
    code === 'commander.help' ? 'no command' : text,
    suggestion?.replace(/^\((.*)\)$/, '$1') ?? 'see mltrack --help and mltrack db upgrade --help',
  );
}

function errorEvent(error: unknown): Record<string, unknown> {
  const known = error instanceof MltrackError;
  return {
    event: 'error',
    exitCode: known ? error.exitCode : ExitCode.unexpected,
    message: withoutSecrets(error instanceof Error ? error.message : String(error)),
    hints: known ? error.hints : ['everything was rolled back; please report this'],
  };
}

/** `mltrack … | head` closes the pipe; the work goes on. */
function ignoreClosedPipe(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EPIPE') throw error;
}
