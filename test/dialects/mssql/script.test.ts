import { describe, expect, it } from 'vitest';
import { expectedAt, loadChain, operationsOf } from '../../../src/core/revisions.js';
import { offlineScript } from '../../../src/core/script.js';
import { stampStatements } from '../../../src/core/stamp.js';
import { stepsOf } from '../../../src/core/steps.js';
import { Stop } from '../../../src/core/stop.js';
import { mssql } from '../../../src/dialects/mssql/index.js';
import { language } from '../../../src/dialects/mssql/script.js';
import { awkward } from '../../support/awkward.js';

async function batchesFrom(from: string): Promise<string[]> {
  let text = '';
  const options = { stop: new Stop(), listen: () => undefined };
  for await (const part of offlineScript(mssql, from, options)) text += part;
  const batches = text.split(/^GO$/m).map((batch) => batch.replace(/^(--.*|:.*)?\n/gm, '').trim());
  return batches.filter((batch) => batch !== '');
}

/** What a script says beside the changes of the schema. */
const around =
  /^(SET |DECLARE @got|BEGIN TRANSACTION$|COMMIT TRANSACTION$|IF NOT EXISTS \(SELECT 1 WHERE .*\n {4}THROW 50000, N'mltrack stopped: |DECLARE @held|-- End)/s;

describe('a script for sqlcmd', () => {
  it.each([0, 6, 23, 48, 65])(
    'holds the statements of an upgrade from state %i, each in a batch',
    async (from) => {
      const chain = await loadChain();
      const remaining = new Map(
        chain.revisions.flatMap((revision, i) =>
          i > from ? [[i, operationsOf(revision, 'mssql')] as const] : [],
        ),
      );
      const steps = stepsOf(mssql, remaining, expectedAt(chain, from, mssql), from > 0 ? 'row' : 'none');
      const statements = steps.flatMap((step) => {
        if (step.kind === 'change') return step.statements.map(({ sql }) => sql);
        return step.kind === 'stamp'
          ? stampStatements(mssql, step, chain.revisions[step.ordinal]?.revision as string)
          : [];
      });
      const batches = await batchesFrom(chain.revisions[from]?.revision ?? 'base');
      const wanted = statements.map((sql) => sql.replace(/^\n/gm, '').trim());
      const found = batches.filter((batch) => wanted.includes(batch));
      expect(found).toEqual(wanted);
      const rest = batches.filter((batch) => !wanted.includes(batch) && !around.test(batch));
      // Row work, set-based: never proved on a server here.
      for (const batch of rest) expect(batch).toMatch(/^(INSERT INTO|UPDATE|DELETE FROM) /);
      expect(batches.indexOf('BEGIN TRANSACTION')).toBeLessThan(batches.indexOf(wanted[0] as string));
      expect(batches.at(-1)).toBe('COMMIT TRANSACTION');
    },
  );

  it('takes texts apart in which sqlcmd would find a word of its own', () => {
    for (const text of [...awkward, 'a\0b', '$(x)', '$$(x)', '\n', '$(']) {
      const sql = language.inline('?', [text]);
      expect(sql, text).not.toMatch(/[\r\n]|\$\(/);
      expect(readBack(sql), sql).toBe(text);
    }
  });

  it('stops by itself', () => {
    expect(language.opening()[0]).toBe(':on error exit');
    expect(language.opening().join('\n')).toMatch(/SET XACT_ABORT, NOCOUNT ON\nGO/);
    expect(language.assert({ condition: '1 = 1', reason: "it's\nso" })).toBe(
      "IF NOT EXISTS (SELECT 1 WHERE 1 = 1)\n    THROW 50000, N'mltrack stopped: it''s so', 1;\nGO",
    );
  });
});

/** The text that a server makes of our literals. */
const readBack = (sql: string): string =>
  [...sql.matchAll(/NCHAR\((\d+)\)|N'((?:[^']|'')*)'/g)]
    .map(([, code, text]) => (code ? String.fromCharCode(Number(code)) : (text ?? '').replaceAll("''", "'")))
    .join('');
