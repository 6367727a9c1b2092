import { type Database, databaseAt, openSession, type ServerKind } from './databases.js';
import { ordinalOf } from './fixtures.js';

/** Texts that a script must not trip over: quotes, line ends, clients' own commands, characters of every size. */
export const awkward: readonly string[] = [
  "it's \"quoted\" `twice` [here] ''; DROP TABLE runs; --",
  'C:\\path\\new\\table \\ \\\\ \\',
  "lone ? and ?? and $1 and :name and :'name' and @x and $(x) and %s and $$ and $mltrack$",
  'lines\nGO\n.quit\n\\q\n\\. \nDELIMITER //\n// \n;\n/\nexit\n!!ls\n:quit',
  'ends\r\nof\rlines\tand tabs \u001a \b \u007f \u0085',
  '🚀 Übung 测试 é 👩‍🔬 \u2028',
  'NaN',
  '0123456789',
  '   spaces around   ',
  "'",
  '\\',
  '-- no comment',
  '/* no comment',
  '',
];

/** Doubles whose last bit is easily lost. */
const doubles = [
  ...[0.1, 1 / 3, 5e-324, 2.2250738585072014e-308, 1.7976931348623157e308, 123456789.12345679, -0],
  ...[9007199254740992, 1e23, 8.41e21, 2 ** 63, 4.35, 0.000001, 1e-7, 5],
];

const counts = ['9223372036854775807', '-9223372036854775808', '9007199254740993', '0', '7'];

const asText = (value: string): string => JSON.stringify(value);

/** A database at the revision before 75868b020152 whose traces, spans, assessments and issues hold awkward values. */
export async function awkwardDatabase(kind: ServerKind): Promise<Database> {
  const database = await databaseAt(kind, ordinalOf('b7e2c1a4d9f3'));
  // PostgreSQL has no U+0000 in texts.
  const texts = kind === 'postgresql' ? awkward : [...awkward, 'a\0b'];
  const { session } = await openSession(database);
  const { quote } = session.sql;
  const insert = (table: string, row: Record<string, unknown>) =>
    session.execute(
      `INSERT INTO ${quote(table)} (${Object.keys(row).map(quote).join(', ')}) VALUES (${Object.keys(row)
        .map(() => '?')
        .join(', ')})`,
      Object.values(row),
    );
  const times = { created_timestamp: 5, last_updated_timestamp: 6 };
  try {
    await insert('experiments', {
      experiment_id: 1,
      name: 'one',
      artifact_location: '',
      lifecycle_stage: 'active',
    });
    for (let i = 0; i < Math.max(texts.length, doubles.length); i++) {
      const [text, double, count] = [
        texts[i % texts.length] as string,
        doubles[i % doubles.length],
        counts[i % counts.length],
      ];
      const trace = `tr-${String(i).padStart(2, '0')}-'é`;
      await insert('trace_info', {
        request_id: trace,
        experiment_id: 1,
        timestamp_ms: '1700000000123',
        status: 'OK',
      });
      await insert('trace_tags', { request_id: trace, key: 'mlflow.traceName', value: text });
      const metadata = {
        'mlflow.trace.session': text,
        'mlflow.trace.tokenUsage': `{"input_tokens": ${count}, "output_tokens": "${count}"}`,
        'mlflow.trace.cost': `{"input_cost": ${double}, "total_cost": ${1 / 3}}`,
      };
      for (const [key, value] of Object.entries(metadata))
        await insert('trace_request_metadata', { request_id: trace, key, value });
      const span = { trace_id: trace, span_id: `s-${i}` };
      await insert('spans', {
        ...{
          ...span,
          experiment_id: 1,
          name: text,
          type: 'LLM',
          status: 'OK',
          start_time_unix_nano: 1,
          end_time_unix_nano: 2,
        },
        ...{
          content: '{}',
          dimension_attributes: `{"mlflow.llm.model": ${asText(text)}, "mlflow.llm.provider": null}`,
        },
      });
      if (Math.abs(double as number) < 1e300)
        await insert('span_metrics', { ...span, key: 'input_cost', value: double });
      await insert('assessments', {
        ...{ assessment_id: `a-${i}`, trace_id: trace, name: text, assessment_type: 'feedback', ...times },
        ...{
          value: i % 2 === 0 ? String(double) : asText(text),
          source_type: 'HUMAN',
          valid: kind === 'postgresql' ? true : 1,
        },
      });
      await insert('issues', {
        ...{ issue_id: `i-${i}`, experiment_id: 1, name: text, description: text, status: 'open', ...times },
        categories: JSON.stringify([text, `${text} `, 'NaN', 'nan']),
      });
    }
    return database;
  } finally {
    await session.close();
  }
}
