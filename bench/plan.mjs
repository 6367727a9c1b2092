// How often the estimate of `db upgrade --dry-run` holds: builds databases of different sizes, asks for the estimate,
// upgrades, compares. Usage: node bench/plan.mjs [sqlite|postgresql|mysql|mariadb …]
import { statSync } from 'node:fs';
import { fill } from './fill.mjs';
import { modules } from './modules.mjs';
import { startServer } from './server.mjs';

const [{ makePlan }, { loadChain }, { Stop }, { upgrade }, { loadDialect, parseUri }] = await modules(
  'core/plan',
  'core/revisions',
  'core/stop',
  'core/upgrade',
  'dialects/index',
);

const widest = 4;
const cases = [
  { state: 5, rows: {} },
  { state: 5, rows: { metrics: 20_000, params: 20_000, tags: 10_000 } },
  { state: 5, rows: { metrics: 500_000, params: 100_000, tags: 100_000 } },
  { state: 5, rows: { metrics: 1_000_000 } },
  // MySQL takes a quarter of an hour for it.
  { state: 5, rows: { metrics: 2_000_000, params: 20_000 }, not: 'mysql' },
  { state: 64, rows: {} },
  { state: 64, rows: { traces: 1000, spans: 8000, assessments: 1000 } },
  {
    state: 64,
    rows: { traces: 10_000, spans: 80_000, assessments: 10_000, metrics: 500_000, params: 100_000 },
  },
  { state: 64, rows: { metrics: 2_000_000 } },
];
const kinds = process.argv.slice(2);
const chain = await loadChain();

async function open(uri) {
  const parsed = parseUri(uri);
  return (await loadDialect(parsed.dialect)).connect(parsed, { lockWaitMs: 10_000 });
}

const options = { yes: true, stop: new Stop(), listen: () => undefined };

/** By how many bytes a SQLite file and what stands beside it grow at most; null for servers. */
function watch(uri) {
  const path = uri.startsWith('sqlite') ? uri.replace('sqlite:///', '') : null;
  if (!path) return () => null;
  const size = () =>
    ['', '-journal', '-wal'].reduce(
      (sum, end) => sum + (statSync(path + end, { throwIfNoEntry: false })?.size ?? 0),
      0,
    );
  const before = size();
  let most = before;
  const timer = setInterval(() => {
    most = Math.max(most, size());
  }, 20);
  return () => {
    clearInterval(timer);
    return Math.max(most, size()) - before;
  };
}

const megabytes = (bytes) => (bytes / 1e6).toFixed(bytes < 1e7 ? 1 : 0);

async function once(server, kind, { state, rows }) {
  const uri = await server.fresh();
  let session = await open(uri);
  await upgrade(session, { ...options, to: chain.revisions[state].revision });
  await session.close();
  session = await open(uri);
  for (const sql of fill(kind, state, rows)) await session.query(sql);
  await session.close();
  session = await open(uri);
  const asked = performance.now();
  const plan = await makePlan(session, options);
  const planned = (performance.now() - asked) / 1000;
  await session.close();
  session = await open(uri);
  const peak = watch(uri);
  const since = performance.now();
  await upgrade(session, options);
  const took = (performance.now() - since) / 1000;
  const grew = peak();
  await session.close();
  return { ...plan.seconds, disk: plan.disk, planned, took, grew };
}

console.log(
  '| server | from state | rows | estimate, s | took, s | held | high : low | disk needed : grew, MB | plan took, s |',
);
console.log('|---|---|---|---|---|---|---|---|---|');
const results = [];
for (const kind of kinds.length > 0 ? kinds : ['sqlite', 'postgresql', 'mysql', 'mariadb']) {
  const server = await startServer(kind);
  try {
    for (const one of cases.filter(({ not }) => not !== kind)) {
      const result = await once(server, kind, one);
      const { low, high, took, planned } = result;
      results.push({ ...result, held: low <= took && took <= high });
      const counts = Object.entries(one.rows).map(
        ([name, count]) => `${count.toLocaleString('en-US')} ${name}`,
      );
      console.log(
        `| ${kind} ${server.version} | ${one.state} | ${counts.join(', ') || 'none'} | ${low.toFixed(2)}–${high.toFixed(2)} | ${took.toFixed(2)} | ${low <= took && took <= high ? 'yes' : 'NO'} | ${(high / low).toFixed(1)} | ${megabytes(result.disk.needed)} : ${result.grew === null ? '?' : megabytes(result.grew)} | ${planned.toFixed(1)} |`,
      );
    }
  } finally {
    await server.stop();
  }
}
const held = results.filter((result) => result.held).length;
const worst = Math.max(...results.map(({ low, high }) => high / low));
console.log(
  `\nThe range held ${held} times of ${results.length}; it was at most 1:${worst.toFixed(1)} wide.`,
);
if (worst > widest + 1e-9) process.exitCode = 1;
