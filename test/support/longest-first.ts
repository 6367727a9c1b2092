import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** What takes longest, whatever the size of the file: vitest would begin with large files, where it knows no times yet. */
export const long = [
  'cli/crash-points',
  'gc/crash',
  'script',
  'gc/concurrency',
  'states',
  'downgrade',
  'cli/crash',
  'prepopulate/prepopulate',
  'plan',
  'check/repair-cli',
  'cli/stamps',
  'script-values',
  'script-stops',
  'downgrade-rows-kept',
  'downgrade-crash',
  'lock',
  'straight',
].map((name) => `/test/${name}.test.ts`);

/** A long file that begins last keeps one processor busy, and the others idle, for minutes. */
export default class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const place = ({ moduleId }: TestSpecification): number => {
      const at = long.findIndex((end) => moduleId.endsWith(end));
      return at < 0 ? long.length : at;
    };
    return (await super.sort(files)).sort((a, b) => place(a) - place(b));
  }
}
