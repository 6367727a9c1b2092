const seconds = (ms) => (ms / 1000).toFixed(ms < 1000 ? 2 : 1);
const times = (ratio) => ratio.toFixed(ratio < 10 ? 2 : 0);

/** What the issue asks: how many times faster than MLflow at least, how many times the floor at most. */
function aimOf({ kind, state, scale }) {
  if (state === 'noop') return { faster: 20 };
  if (state === 'empty')
    return { faster: { sqlite: 15, postgresql: 10, mysql: 4, mariadb: 4 }[kind], floor: 2 };
  if (scale < 10) return {};
  if (state === '1.2')
    return {
      faster: { sqlite: 60, postgresql: 3, mysql: 10, mariadb: 4 }[kind],
      floor: kind === 'sqlite' ? 2 : 1.5,
    };
  if (state === '2.0') return { faster: 4, floor: 1.5 };
  if (state === '3.16') return { faster: 6, floor: 2 };
  return {};
}
const memoryAim = 4;

/** The ratios of a case; `atLeast` where MLflow was killed before its end. */
export function ratios({ ran: { mlflow, mltrack, floor } }) {
  const by = (what) => ({
    faster: mlflow[what] / mltrack[what],
    floor: floor ? mltrack[what] / floor[what] : null,
  });
  return { atLeast: mlflow.killed, wall: by('ms'), cpu: by('cpu'), memory: mlflow.mb / mltrack.mb };
}

const verdict = (met) => (met ? 'yes' : 'no');
const name = ({ state, scale }) => (scale ? `${state} × ${scale}` : state);

function equality({ judge, differences, floorDifferences }) {
  if (differences.length > 0) return 'rows differ';
  if (floorDifferences.length > 0) return 'equal (the floor differs)';
  return judge === 'floor' ? "equal to the floor's" : 'equal';
}

function ratioRow(one) {
  const { atLeast, wall, cpu, memory } = ratios(one);
  const aim = aimOf(one);
  const more = atLeast ? '> ' : '';
  const faster = aim.faster
    ? [`${aim.faster}`, verdict(Math.min(wall.faster, cpu.faster) >= aim.faster)]
    : ['–', '–'];
  const floor =
    aim.floor && wall.floor
      ? [`${aim.floor}`, verdict(Math.max(wall.floor, cpu.floor) <= aim.floor)]
      : ['–', '–'];
  return [
    ...[one.kind, name(one), `${more}${times(wall.faster)}`, `${more}${times(cpu.faster)}`, ...faster],
    ...(wall.floor ? [times(wall.floor), times(cpu.floor)] : ['–', '–']),
    ...[...floor, `${more}${times(memory)}`, `${memoryAim}`, verdict(memory >= memoryAim), equality(one)],
  ];
}

function timeRow(one) {
  const { mlflow, mltrack, floor } = one.ran;
  const of = (run) =>
    run
      ? `${run.killed ? '> ' : ''}${seconds(run.ms)} / ${seconds(run.client)} + ${seconds(run.server)}`
      : '–';
  return [
    ...[one.kind, name(one), of(mlflow), of(mltrack), of(floor)],
    ...[mlflow.mb.toFixed(0), mltrack.mb.toFixed(0), String(one.load)],
  ];
}

/** How each grows with the rows: its processor time, which other work disturbs less, at a scale by that at the next smaller one. */
function growthRows(cases) {
  const rows = [];
  for (const one of cases) {
    const smaller = cases
      .filter((other) => other.kind === one.kind && other.state === one.state && other.scale < one.scale)
      .at(-1);
    if (!smaller?.scale) continue;
    const grew = (who) => {
      const [now, before] = [one.ran[who], smaller.ran[who]];
      return before.killed ? '–' : `${now.killed ? '> ' : ''}${times(now.cpu / before.cpu)}`;
    };
    const peak = one.ran.mltrack.mb / smaller.ran.mltrack.mb;
    rows.push([
      ...[one.kind, one.state, `${smaller.scale} → ${one.scale}`, times(one.scale / smaller.scale)],
      ...[grew('mlflow'), grew('mltrack'), grew('floor'), times(peak)],
    ]);
  }
  return rows;
}

/** Whether a case misses an aim in time. */
function misses(one) {
  const [faster, floor] = [4, 8].map((i) => ratioRow(one)[i + 1]);
  return faster === 'no' || floor === 'no';
}

/** What takes mltrack longest where it misses an aim, and how much faster than MLflow hand-written SQL is. */
function stepRows(cases) {
  return cases
    .filter((one) => one.steps && misses(one))
    .map((one) => {
      const { mlflow, floor } = one.ran;
      const share = ({ step, table, ms }) =>
        `${step}${table && !step.includes(table) ? ` (${table})` : ''} ${seconds(ms)} s`;
      return [
        ...[one.kind, name(one)],
        floor
          ? `${mlflow.killed ? '> ' : ''}${times(mlflow.ms / floor.ms)} / ${times(mlflow.cpu / floor.cpu)}`
          : '–',
        ...[
          seconds(one.steps.ms),
          one.steps.longest
            .filter(({ ms }) => ms >= one.steps.ms / 50)
            .map(share)
            .join('; '),
        ],
      ];
    });
}

const table = (heads, rows) =>
  [heads, heads.map((_, i) => (i < 2 ? '---' : '---:')), ...rows]
    .map((cells) => `| ${cells.join(' | ')} |`)
    .join('\n');

/** Cases by dialect, state and scale, in the order in which they are asked for. */
export function sorted({ cases }) {
  const order = [
    'sqlite',
    'postgresql',
    'mysql',
    'mariadb',
    'noop',
    'empty',
    '1.2',
    '2.0',
    '3.1',
    '3.10',
    '3.16',
  ];
  const rank = ({ kind, state, scale }) => order.indexOf(kind) * 1e6 + order.indexOf(state) * 1e3 + scale;
  return Object.values(cases).sort((a, b) => rank(a) - rank(b));
}

/** The results as a page of Markdown. */
export function tables(results) {
  const { about } = results;
  const cases = sorted(results);
  const versions = [...new Set(cases.map(({ kind, version }) => `${kind} ${version}`))].join(', ');
  const commits = [...new Set(cases.map(({ commit }) => commit))].join(', ');
  const differing = cases.flatMap((one) =>
    [...one.differences, ...one.floorDifferences.map((text) => `floor: ${text}`)].map(
      (text) => `- ${one.kind} ${name(one)}: ${text.replaceAll('|', '\\|')}`,
    ),
  );
  return `# \`db upgrade\` measured

Written by \`bench/upgrade.mjs\`, which says what is measured and how. MLflow ${about.mlflow}, mltrack ${commits}, Node ${about.node},
${versions}; ${about.machine}. MLflow was killed after ${about.limit} s.
A scale of 1 is 1,000 runs with 200,000 metrics and, since 3.1, 1,000 traces, since 3.10 with 8,000 spans. The floor is the least DDL between
the two schemas and the SQL of bench/floor, run by the server's own client. CPU is that of client and server together; memory the client's peak.
An aim is met where wall time and CPU both meet it.

## Ratios

${table(
  [
    ...[
      'dialect',
      'from',
      'MLflow : mltrack, wall',
      'CPU',
      'aim at least',
      'met',
      'mltrack : floor, wall',
      'CPU',
    ],
    ...['aim at most', 'met', 'memory, MLflow : mltrack', 'aim at least', 'met', 'rows and schema'],
  ],
  cases.map(ratioRow),
)}

## Seconds (wall / CPU of client + server) and memory

${table(
  ['dialect', 'from', 'MLflow', 'mltrack', 'floor', 'MLflow MB', 'mltrack MB', 'load before'],
  cases.map(timeRow),
)}

## What takes the time where an aim is missed

MLflow : floor says how many times faster than MLflow hand-written SQL is (wall / CPU): more can hardly be had. The longest steps are of
one more run of mltrack with \`--json\`, by wall time.

${table(['dialect', 'from', 'MLflow : floor', 'mltrack, s', 'longest steps'], stepRows(cases))}

## Growth with scale

CPU time at a scale by that at the smaller one; the rows grow by the factor in the fourth column.

${table(
  ['dialect', 'from', 'scales', 'rows', 'MLflow', 'mltrack', 'floor', 'memory of mltrack'],
  growthRows(cases),
)}
${differing.length > 0 ? `\n## What differs\n\n${differing.slice(0, 100).join('\n')}\n` : ''}`;
}

/** One case on a line, for the terminal. */
export function line(one) {
  const { atLeast, wall, cpu, memory } = ratios(one);
  const { mlflow, mltrack, floor } = one.ran;
  const all = [mlflow, mltrack, floor].map((run) => (run ? `${seconds(run.ms)}/${seconds(run.cpu)}` : '–'));
  const more = atLeast ? '> ' : '';
  return (
    `${one.kind.padEnd(11)}${name(one).padEnd(10)} wall/CPU s: MLflow ${more}${all[0]}, mltrack ${all[1]}, floor ${all[2]}; ` +
    `${more}${times(wall.faster)}/${times(cpu.faster)} times faster` +
    `${wall.floor ? `, ${times(wall.floor)}/${times(cpu.floor)} of the floor` : ''}; ` +
    `MB ${mlflow.mb.toFixed(0)} and ${mltrack.mb.toFixed(0)} (${times(memory)}); ${equality(one)}` +
    [...one.differences, ...one.floorDifferences.map((text) => `floor: ${text}`)]
      .slice(0, 12)
      .map((text) => `\n    ${text}`)
      .join('')
  );
}
