import { CommanderError } from 'commander';
import { buildProgram } from './cli.js';
import { Stop } from './core/stop.js';
import { ExitCode, MltrackError } from './errors.js';
import { renderError } from './render/error.js';

/** Runs the command line. The only place that prints errors and sets the exit code. */
export async function main(argv: readonly string[]): Promise<void> {
  const stop = new Stop();
  const onInterrupt = () => stop.request('SIGINT');
  const onTerminate = () => stop.request('SIGTERM');
  process.on('SIGINT', onInterrupt);
  process.on('SIGTERM', onTerminate);
  process.stdout.on('error', ignoreClosedPipe);
  try {
    await buildProgram(stop).parseAsync([...argv]);
  } catch (error) {
    process.exitCode = report(error, argv);
  } finally {
    process.off('SIGINT', onInterrupt);
    process.off('SIGTERM', onTerminate);
  }
}

function report(error: unknown, argv: readonly string[]): number {
  // Commander has printed its own message already, help and version included.
  if (error instanceof CommanderError) return error.exitCode === 0 ? ExitCode.done : ExitCode.usage;
  const json = argv.includes('--json');
  process.stderr.write(json ? '' : renderError(error));
  if (json) process.stdout.write(`${JSON.stringify(errorEvent(error))}\n`);
  return error instanceof MltrackError ? error.exitCode : ExitCode.unexpected;
}

function errorEvent(error: unknown): Record<string, unknown> {
  const known = error instanceof MltrackError;
  return {
    event: 'error',
    exitCode: known ? error.exitCode : ExitCode.unexpected,
    message: error instanceof Error ? error.message : String(error),
    hints: known ? error.hints : [],
  };
}

/** `mltrack … | head` closes the pipe; the work goes on. */
function ignoreClosedPipe(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EPIPE') throw error;
}
