/** How each kind of server counts, joins text and makes keys; `i` is a number. */
const digits = `(SELECT 0 AS n ${Array.from({ length: 9 }, (_, n) => `UNION ALL SELECT ${n + 1}`).join(' ')})`;
const mysql = {
  numbers: (count) => {
    // One table of ten digits for each digit of the greatest number.
    const names = [...'abcdefgh'].slice(0, String(count - 1).length);
    const number = names.map((name, power) => `${10 ** power} * ${name}.n`).join(' + ');
    return `(SELECT ${number} AS i FROM ${names.map((name) => `${digits} ${name}`).join(', ')}
      WHERE ${number} < ${count}) n`;
  },
  text: (...parts) => `CONCAT(${parts.join(', ')})`,
  hex: (i) => `LPAD(HEX((${i}) * 2654435761 % 4294967296), 8, '0')`,
  pad: (i, length) => `LPAD(${i}, ${length}, '0')`,
  div: (a, b) => `(${a}) DIV ${b}`,
  quote: (name) => `\`${name}\``,
  no: '0',
  yes: '1',
};
export const speech = {
  sqlite: {
    numbers: (count) =>
      `(WITH RECURSIVE c(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM c WHERE i < ${count - 1}) SELECT i FROM c) n`,
    text: (...parts) => parts.join(' || '),
    hex: (i) => `printf('%08x', (${i}) * 2654435761 % 4294967296)`,
    pad: (i, length) => `printf('%0${length}d', ${i})`,
    div: (a, b) => `(${a}) / ${b}`,
    quote: (name) => `"${name}"`,
    no: '0',
    yes: '1',
  },
  postgresql: {
    numbers: (count) => `(SELECT i::bigint FROM generate_series(0, ${count - 1}) AS g(i)) n`,
    text: (...parts) => parts.join(' || '),
    hex: (i) => `lpad(to_hex((${i}) * 2654435761 % 4294967296), 8, '0')`,
    pad: (i, length) => `lpad((${i})::text, ${length}, '0')`,
    div: (a, b) => `(${a}) / ${b}`,
    quote: (name) => `"${name}"`,
    no: 'false',
    yes: 'true',
  },
  mysql,
  mariadb: mysql,
};

/** Statements that fill a database at `state` (5 or 64) with so many rows; ids are spread like MLflow's random ones. */
export function fill(kind, state, rows) {
  const say = speech[kind];
  const id = (i) => say.text(say.hex(i), say.pad(i, 24));
  const insert = (table, count, columns) =>
    count > 0
      ? [
          `INSERT INTO ${table} (${Object.keys(columns).map(say.quote).join(', ')})
           SELECT ${Object.values(columns).join(', ')} FROM ${say.numbers(count)}`,
        ]
      : [];
  const runs = Math.max(1, Math.ceil(Math.max(rows.metrics ?? 0, rows.params ?? 0, rows.tags ?? 0) / 1000));
  const ofRun = id(`n.i % ${runs}`);
  const nth = (count) => say.text(`'key_'`, say.pad(say.div('n.i', count), 4));
  const word = say.text(say.hex('n.i'), "' a value of middling length'");
  return [
    ...(kind === 'mysql' || kind === 'mariadb' ? ["SET SESSION sql_mode = 'NO_AUTO_VALUE_ON_ZERO'"] : []),
    `INSERT INTO experiments (experiment_id, name, lifecycle_stage) VALUES (7, 'bench', 'active')`,
    ...insert('runs', runs, {
      ...{ run_uuid: id('n.i'), name: "'run'", source_type: "'LOCAL'", status: "'FINISHED'" },
      ...{ start_time: 'n.i', end_time: 'n.i', lifecycle_stage: "'active'", experiment_id: '7' },
      ...{ artifact_uri: say.text("'file:///artifacts/'", id('n.i')) },
    }),
    ...insert('metrics', rows.metrics ?? 0, {
      ...{ key: say.text("'metric_'", say.div(`n.i`, runs * 50)), value: 'n.i * 0.5', timestamp: 'n.i' },
      ...{ run_uuid: ofRun, step: `(${say.div('n.i', runs)}) % 50`, is_nan: say.no },
    }),
    ...insert('params', rows.params ?? 0, { key: nth(runs), value: word, run_uuid: ofRun }),
    ...insert('tags', rows.tags ?? 0, { key: nth(runs), value: word, run_uuid: ofRun }),
    ...(state === 64 ? traces(say, insert, rows, id) : []),
  ];
}

function traces(say, insert, rows, id) {
  const traces = rows.traces ?? 0;
  const trace = (i) => say.text("'tr-'", id(i));
  const ofTrace = trace(`n.i % ${traces}`);
  const span = say.text("'sp'", say.pad('n.i', 14));
  const usage = `'{"input_tokens": 120, "output_tokens": 45, "total_tokens": 165}'`;
  const cost = `'{"input_cost": 0.0012, "output_cost": 0.0031, "total_cost": 0.0043}'`;
  const content = `'{"name": "call", "inputs": "${'some text of a prompt '.repeat(20)}", "attributes": {}}'`;
  const metadata = (key, value) =>
    insert('trace_request_metadata', traces, { key: `'${key}'`, value, request_id: trace('n.i') });
  return [
    ...insert('trace_info', traces, {
      ...{ request_id: trace('n.i'), experiment_id: '7', timestamp_ms: '1700000000000 + n.i' },
      ...{
        execution_time_ms: 'n.i % 5000',
        status: "'OK'",
        request_preview: `'${'what is asked '.repeat(10)}'`,
      },
    }),
    ...insert('trace_tags', traces, {
      key: "'mlflow.traceName'",
      value: "'predict'",
      request_id: trace('n.i'),
    }),
    ...metadata('mlflow.trace.session', say.text("'session-'", 'n.i % 100')),
    ...metadata('mlflow.trace.tokenUsage', usage),
    ...metadata('mlflow.trace.cost', cost),
    ...insert('trace_metrics', traces, { request_id: trace('n.i'), key: "'total_tokens'", value: '165' }),
    ...insert('spans', rows.spans ?? 0, {
      ...{
        trace_id: ofTrace,
        experiment_id: '7',
        span_id: span,
        name: "'call'",
        type: "'LLM'",
        status: "'OK'",
      },
      ...{
        start_time_unix_nano: '1700000000000000000 + n.i',
        end_time_unix_nano: '1700000000000005000 + n.i',
      },
      ...{
        content,
        dimension_attributes: `'{"mlflow.llm.model": "gpt-4o", "mlflow.llm.provider": "openai"}'`,
      },
    }),
    ...insert('span_metrics', rows.spans ?? 0, {
      trace_id: ofTrace,
      span_id: span,
      key: "'total_cost'",
      value: '0.004',
    }),
    ...insert('assessments', rows.assessments ?? 0, {
      ...{ assessment_id: say.text("'a-'", id('n.i')), trace_id: ofTrace, name: "'quality'", valid: say.yes },
      ...{
        assessment_type: "'feedback'",
        value: "'0.75'",
        created_timestamp: 'n.i',
        last_updated_timestamp: 'n.i',
      },
      ...{ source_type: "'HUMAN'", source_id: "'somebody'" },
    }),
  ];
}
