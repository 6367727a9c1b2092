import { defineConfig } from 'vitest/config';
import LongestFirst from './test/support/longest-first.js';

/** A file for a report of what passed, and one of an earlier run, which is not run again (test/support/not-again.ts). */
const { MLTRACK_TESTS_REPORT: report, MLTRACK_TESTS_PASSED: earlier } = process.env;

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    globalSetup: ['test/support/global-setup.ts'],
    testTimeout: 120_000,
    hookTimeout: 120_000,
    maxWorkers: 4,
    sequence: { sequencer: LongestFirst },
    ...(report ? { reporters: ['default', ['json', { outputFile: report }]] } : {}),
    ...(earlier ? { runner: 'test/support/not-again.ts' } : {}),
  },
});
