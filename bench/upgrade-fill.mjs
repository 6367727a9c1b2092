// What fills a database of an old MLflow: per scale 1,000 runs with 200 metrics, 10 params and 8 tags each, and, where
// the release has them, 1,000 traces with 8 spans, in the shape in which MLflow's own store writes them (read off
// fixtures/databases, which its API filled). Also a command that makes one such database where a URI says; the server
// is one's own, and the database must be there and empty (no file, for SQLite). MLFLOW_PYTHON has MLflow.
// Usage: MLFLOW_PYTHON=… node bench/upgrade-fill.mjs [--state 1.2] [--scale 1] URI
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { speech } from './fill.mjs';

/** The revision of each state; `empty` has none. */
export const states = JSON.parse(readFileSync(new URL('upgrade-states.json', import.meta.url), 'utf8'));
const order = ['1.2', '2.0', '3.1', '3.10', '3.16', 'noop'];

export const spansPerTrace = 8;
/** How many of a trace's spans call a model, and have its name and costs. */
const calls = 5;

/** Statements that fill a database of `kind` at `state`; none where it stays without rows. */
export function fillStatements(kind, state, scale) {
  if (state === 'empty' || state === 'noop') return [];
  const words = vocabulary(kind);
  const since = (first) => order.indexOf(state) >= order.indexOf(first);
  const counts = { runs: 1000 * scale, traces: 1000 * scale };
  return [
    ...(words.mysql ? ["SET SESSION sql_mode = 'NO_AUTO_VALUE_ON_ZERO', foreign_key_checks = 0"] : []),
    ...runs(words, counts.runs, since),
    ...(since('3.1') ? traces(words, counts.traces, since) : []),
    ...(since('3.10') ? spans(words, counts.traces) : []),
  ];
}

function vocabulary(kind) {
  const say = speech[kind];
  const hexId = (i) => say.text(say.hex(i), say.pad(i, 24));
  return {
    ...say,
    // Joining text comes before dividing in SQLite.
    div: (a, b) => `(${say.div(a, b)})`,
    mysql: kind === 'mysql' || kind === 'mariadb',
    toJson: (value) => (kind === 'postgresql' ? `(${value})::json` : value),
    id: hexId,
    trace: (i) => say.text("'tr-'", hexId(i)),
    insert: (table, count, columns) =>
      `INSERT INTO ${table} (${Object.keys(columns).map(say.quote).join(', ')})
       SELECT ${Object.values(columns).join(', ')} FROM ${say.numbers(count)}`,
    oneOf: (i, values) =>
      `CASE (${i}) % ${values.length} ${values.map((value, n) => `WHEN ${n} THEN ${value}`).join(' ')} END`,
  };
}

const experiments = 10;

function runs({ insert, id, text, pad, hex, div, oneOf, no, yes, quote }, count, since) {
  const ofRun = id(`n.i % ${count}`);
  const nth = div('n.i', String(count));
  const metric = {
    ...{ key: text("'metric_'", div('n.i', String(count * 50))), timestamp: '1600000000000 + n.i' },
    ...{ run_uuid: ofRun, step: `(${nth}) % 50` },
    // A NaN is stored as 0.
    value: 'CASE WHEN n.i % 1000 = 7 THEN 0 ELSE n.i * 0.1 END',
    is_nan: `CASE WHEN n.i % 1000 = 7 THEN ${yes} ELSE ${no} END`,
  };
  const latest = ['key', 'value', 'timestamp', 'step', 'is_nan', 'run_uuid'].map(quote).join(', ');
  const sourceTags = ['mlflow.user', 'mlflow.source.name', 'mlflow.source.type', 'mlflow.source.git.commit'];
  const tags = [...sourceTags, 'mlflow.runName', 'mlflow.log-model.history', 'team', 'note'];
  return [
    insert('experiments', experiments, {
      ...{ experiment_id: 'n.i', lifecycle_stage: "'active'" },
      name: `CASE WHEN n.i = 0 THEN 'Default' ELSE ${text("'experiment '", 'n.i')} END`,
      artifact_location: text("'s3://bucket/mlflow/'", 'n.i'),
    }),
    insert('runs', count, {
      ...{ run_uuid: id('n.i'), name: text("'run '", 'n.i'), source_type: "'LOCAL'", status: "'FINISHED'" },
      ...{ source_name: "'train.py'", user_id: "'ada'", lifecycle_stage: "'active'" },
      ...{ start_time: '1600000000000 + n.i', end_time: '1600000100000 + n.i' },
      experiment_id: `n.i % ${experiments}`,
      artifact_uri: text("'s3://bucket/mlflow/'", id('n.i'), "'/artifacts'"),
    }),
    insert('metrics', 200 * count, metric),
    insert('params', 10 * count, { key: text("'param_'", nth), value: hex('n.i'), run_uuid: ofRun }),
    insert('tags', 8 * count, {
      key: oneOf(
        nth,
        tags.map((tag) => `'${tag}'`),
      ),
      value: text("'a value of middling length '", pad('n.i', 8)),
      run_uuid: ofRun,
    }),
    ...(since('2.0')
      ? [`INSERT INTO latest_metrics (${latest}) SELECT ${latest} FROM metrics WHERE step = 49`]
      : []),
  ];
}

const json = (text, parts) =>
  text("'{'", ...parts.flatMap(([name, value], i) => [`'${i ? ', ' : ''}"${name}": '`, value]), "'}'");

/** Costs as Python's json writes them: shortest, so without a 0 at the end. */
const cents = (pad, i, price) => [`'0.0${price}'`, pad(`(${i}) % 1000`, 3), "'7'"];

function traces({ insert, trace, text, pad, id, oneOf }, count, since) {
  const [input, output] = ['n.i % 500 + 10', 'n.i % 90 + 1'];
  const tokens = { input_tokens: input, output_tokens: output, total_tokens: `${input} + ${output}` };
  const usage = json(
    text,
    Object.entries(tokens).map(([name, value]) => [name, mysqlText(value)]),
  );
  const price = { input_cost: 1, output_cost: 2, total_cost: 3 };
  const cost = json(
    text,
    Object.entries(price).map(([name, n]) => [name, text(...cents(pad, 'n.i', n))]),
  );
  const preview = (word) => text(`'{"${word}": "${'what is asked here '.repeat(6)}'`, pad('n.i', 8), `'"}'`);
  const metadata = {
    'mlflow.trace_schema.version': "'3'",
    'mlflow.user': "'ada'",
    'mlflow.source.name': "'serve.py'",
    'mlflow.source.type': "'LOCAL'",
    'mlflow.traceInputs': preview('question'),
    'mlflow.traceOutputs': preview('answer'),
    'mlflow.trace.session': text("'session-'", id('n.i % 100')),
    'mlflow.trace.tokenUsage': usage,
    ...(since('3.10') && {
      'mlflow.trace.cost': cost,
      'mlflow.trace.sizeBytes': "'6280'",
      'mlflow.trace.sizeStats': `'{"total_size_bytes": 6280, "num_spans": 8, "max": 812, "p25": 740, "p50": 772}'`,
    }),
  };
  const tags = {
    'mlflow.traceName': oneOf('n.i', ["'predict'", "'chat'", "'retrieve and answer'"]),
    'mlflow.artifactLocation': text("'s3://bucket/traces/'", id('n.i'), "'/artifacts'"),
    ...(since('3.10') && { 'mlflow.trace.spansLocation': "'TRACKING_STORE'" }),
  };
  const each = (table, values) =>
    Object.entries(values).map(([key, value]) =>
      insert(table, count, { key: `'${key}'`, value, request_id: trace('n.i') }),
    );
  return [
    insert('trace_info', count, {
      ...{ request_id: trace('n.i'), experiment_id: `n.i % ${experiments}`, status: "'OK'" },
      ...{ timestamp_ms: '1700000000000 + n.i', execution_time_ms: 'n.i % 5000' },
      ...(since('3.10') && { request_preview: preview('question'), response_preview: preview('answer') }),
    }),
    ...each('trace_tags', tags),
    ...each('trace_request_metadata', metadata),
    ...(since('3.10') ? each('trace_metrics', tokens) : []),
  ];
}

const mysqlText = (value) => `(${value})`;

/** Spans of a trace follow each other: span `n.i` is number `n.i % 8` of trace `n.i / 8`. */
function spans({ insert, trace, id, text, pad, hex, div, oneOf, yes, mysql, toJson }, traces) {
  const count = traces * spansPerTrace;
  const of = (i) => div(i, String(spansPerTrace));
  const place = (i) => `(${i}) % ${spansPerTrace}`;
  const span = (i) => text(hex(i), pad(i, 8));
  const isCall = (i) => `(${place(i)} BETWEEN 1 AND ${calls})`;
  const called = (then, otherwise) => `CASE WHEN ${isCall('n.i')} THEN ${then} ELSE ${otherwise} END`;
  const model = oneOf('n.i', ["'gpt-4o'", "'gpt-4o-mini'", "'claude-sonnet-4'"]);
  const dimensions = text(`'{"mlflow.llm.model": "'`, model, `'", "mlflow.llm.provider": "openai"}'`);
  // MySQL takes a backslash in a text for the start of an escape.
  const quoted = (literal) => (mysql ? literal.replaceAll('\\', '\\\\') : literal);
  const attributes = text(
    quoted(`'{"mlflow.traceRequestId": "\\"'`),
    trace(of('n.i')),
    quoted(
      `'\\"", "mlflow.spanType": "\\"CHAT_MODEL\\"", "mlflow.spanInputs": "{\\"messages\\": \\"${'some text of a prompt '.repeat(12)}\\"}", "mlflow.spanOutputs": "\\"${'an answer '.repeat(10)}\\""}'`,
    ),
  );
  const content = text(
    `'{"trace_id": "'`,
    pad(of('n.i'), 22),
    `'==", "span_id": "'`,
    span('n.i'),
    `'=", "name": "call", "start_time_unix_nano": 1700000000054000000, "events": [], "status": {"code": "STATUS_CODE_OK", "message": ""}, "attributes": '`,
    attributes,
    `', "links": []}'`,
  );
  const callOf = `(${div('n.i', String(calls))}) * ${spansPerTrace} + 1 + n.i % ${calls}`;
  const cost = (key, value) =>
    insert('span_metrics', traces * calls, {
      ...{ trace_id: trace(of(callOf)), span_id: span(callOf), key: `'${key}'`, value },
    });
  return [
    insert('spans', count, {
      ...{ trace_id: trace(of('n.i')), span_id: span('n.i'), status: "'OK'", content },
      experiment_id: `(${of('n.i')}) % ${experiments}`,
      parent_span_id: `CASE WHEN ${place('n.i')} = 0 THEN NULL ELSE ${span(`n.i - ${place('n.i')}`)} END`,
      name: called("'call'", "'step'"),
      type: called("'CHAT_MODEL'", "'CHAIN'"),
      start_time_unix_nano: '1700000000000000000 + n.i',
      end_time_unix_nano: '1700000000005000000 + n.i',
      // SQLAlchemy stores None in a column of JSON as the text null.
      dimension_attributes: toJson(called(dimensions, "'null'")),
    }),
    cost('input_cost', '(n.i % 1000) * 0.000001'),
    cost('output_cost', '(n.i % 700) * 0.000004'),
    cost('total_cost', '(n.i % 1000) * 0.000001 + (n.i % 700) * 0.000004'),
    insert('assessments', traces, {
      ...{ assessment_id: text("'a-'", id('n.i')), trace_id: trace('n.i'), name: "'quality'", valid: yes },
      ...{ assessment_type: "'feedback'", source_type: "'LLM_JUDGE'", source_id: "'gpt-4o'" },
      ...{ created_timestamp: '1700000001000 + n.i', last_updated_timestamp: '1700000001000 + n.i' },
      value: oneOf('n.i', ["'0.75'", `'"yes"'`, "'true'", "'4'", `'"no"'`, `'"it answers the question"'`]),
      rationale: "'because it says so'",
    }),
  ];
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { state: { type: 'string', default: '1.2' }, scale: { type: 'string', default: '1' } },
  });
  const [uri] = positionals;
  const kind = uri.startsWith('sqlite') ? 'sqlite' : uri.startsWith('postgresql') ? 'postgresql' : 'mysql';
  const script = `import sys, json; sys.path.insert(0, sys.argv[1]); import upgrade_server as made
ask = json.load(sys.stdin); made.migrate(ask["uri"], ask["revision"]); made.fill(ask["uri"], ask["statements"])`;
  const folder = fileURLToPath(new URL('.', import.meta.url));
  const statements = fillStatements(kind, values.state, Number(values.scale));
  const done = spawnSync(process.env.MLFLOW_PYTHON ?? 'python3', ['-c', script, folder], {
    input: JSON.stringify({ uri, revision: states[values.state] ?? null, statements }),
    stdio: ['pipe', 'inherit', 'inherit'],
  });
  process.exitCode = done.status ?? 1;
}
