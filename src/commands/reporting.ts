import type { DatabaseFacts } from '../core/report-facts.js';
import type { Session } from '../dialects/dialect.js';
import { ExitCode, MltrackError } from '../errors.js';
import type { Content } from '../render/html/page.js';

/** `--report` of a command line. Pages and what makes them are loaded when one is asked for. */
export interface Reporting {
  /** Must be the last thing asked of a session. @param at as of `factsOf` */
  facts(session: Session, at: { readonly from: string | null; readonly to?: string }): Promise<DatabaseFacts>;
  /** Writes the page. @throws exit 2 where the file cannot be written any more */
  write(content: Content): Promise<void>;
}

/** Of every command that writes a page. */
export const reportOption = ['--report <file>', 'also write an HTML page for a change ticket'] as const;

interface Telling {
  /** Files that other options name. */
  readonly beside?: readonly (string | undefined)[];
  /** Nothing is said of the file, since standard output is for programs or for nobody. */
  readonly silent: boolean;
}

/** @returns null without `--report` @throws exit 2 for a file that cannot be written, before anything is opened */
export async function reportingOf(
  file: string | undefined,
  { beside, silent }: Telling,
): Promise<Reporting | null> {
  if (file === undefined) return null;
  const output = (await import('../render/html/report.js')).reportTo(file, beside);
  return {
    facts: async (session, at) => (await import('../core/report-facts.js')).factsOf(session, at),
    write: async (content) => {
      const [{ page }, { commandLine }, { packageVersion }] = await Promise.all([
        import('../render/html/page.js'),
        import('./command-line.js'),
        import('../package-folder.js'),
      ]);
      const source = {
        commandLine: commandLine(process.argv.slice(2)),
        version: packageVersion(),
        madeAt: Date.now(),
      };
      await output.write(page(content, source));
      if (!silent) process.stdout.write(`the report is in ${file}\n`);
    },
  };
}

/**
 * Writes the page of work that cannot be taken back: that the page cannot be written is no mistake of the command
 * line's any more.
 *
 * @param failed what the work itself ends with, which comes first
 * @throws failed, with a word on the page where there is none; exit 1 where that is all
 */
export async function writeAfter(failed: MltrackError | null, write: () => Promise<void>): Promise<void> {
  const problem = await write().then(
    () => null,
    (error: unknown) => (error instanceof Error ? error : new Error(String(error))),
  );
  if (failed && problem)
    throw new MltrackError(failed.exitCode, failed.message, {
      cause: failed.cause,
      hints: [...failed.hints, problem.message],
    });
  if (failed) throw failed;
  if (problem)
    throw new MltrackError(ExitCode.unexpected, `everything else is done, but ${problem.message}`, {
      cause: problem,
      hints: ['what was done is said above; a second run would say that nothing is left'],
    });
}
