import { loadavg } from 'node:os';
import { join } from 'node:path';
import { fillStatements, states } from './upgrade-fill.mjs';
import { floorCommand, writeFloor } from './upgrade-floor.mjs';
import { stepsOf } from './upgrade-steps.mjs';

const middle = (list) => list.sort((a, b) => a - b)[Math.floor((list.length - 1) / 2)];

/** Medians of several runs of one command. */
function medians(runs) {
  const of = (what) => middle(runs.map((run) => run[what]));
  return {
    ...Object.fromEntries(['ms', 'client', 'server', 'cpu', 'mb'].map((what) => [what, of(what)])),
    ...{ killed: runs.some((run) => run.killed), runs: runs.length },
  };
}

/**
 * One state at one scale on one server: MLflow, mltrack and the floor in turn, each on a copy of its own, and whether
 * they came to the same. Short cases run several rounds.
 *
 * @param limit seconds after which MLflow is killed; then the floor says what is right
 * @returns what goes into the results
 */
export async function runCase(server, measure, { kind, state, scale, limit, bin, folder, rounds }) {
  const revision = states[state] ?? null;
  const statements = fillStatements(kind, state, scale);
  await server.ask('build', { name: 'template', revision, statements });
  const floor = state === 'noop' ? null : join(folder, `${kind}-${state}.sql`);
  if (floor) writeFloor(floor, kind, await server.ask('delta', { source: 'template', head: 'head' }));
  const commands = {
    mlflow: (url) => ({ argv: [process.env.MLFLOW_PYTHON, '-m', 'mlflow', 'db', 'upgrade', url] }),
    mltrack: (url) => ({ argv: [process.execPath, bin, 'db', 'upgrade', url, '--yes'] }),
    ...(floor && { floor: (url, name) => floorCommand(kind, server, name, url, floor) }),
  };
  const ran = Object.fromEntries(Object.keys(commands).map((who) => [who, []]));
  let rows;
  const load = loadavg()[0];
  for (let round = 0; round < rounds; round++)
    for (const [who, command] of Object.entries(commands)) {
      const { url } = await server.ask('copy', { source: 'template', name: who, revision });
      ran[who].push(await measure.run(server, command(url, who), who === 'mlflow' ? limit : undefined));
      const killed = ran[who].at(-1).killed;
      if (round === 0 && !killed) rows = (await server.ask('read', { name: who, label: who })).rows;
      await server.ask('drop', { name: who });
      if (killed) delete commands[who];
    }
  const steps = await clocked(server, bin, revision);
  await server.ask('drop', { name: 'template' });
  const slow = !commands.mlflow;
  return {
    ...{ kind, version: server.version, state, scale, load: Number(load.toFixed(1)) },
    rows: { runs: rows.runs, metrics: rows.metrics, traces: rows.trace_info, spans: rows.spans },
    ran: Object.fromEntries(Object.entries(ran).map(([who, runs]) => [who, medians(runs)])),
    steps,
    ...(await judged(server, slow, floor !== null)),
  };
}

/** What takes mltrack how long, on one more copy. */
async function clocked(server, bin, revision) {
  const { url } = await server.ask('copy', { source: 'template', name: 'mltrack', revision });
  const steps = await stepsOf(bin, url);
  await server.ask('drop', { name: 'mltrack' });
  return steps;
}

/** The steps alone, of a case that is measured already. */
export async function runSteps(server, { kind, state, scale, bin }) {
  const revision = states[state] ?? null;
  await server.ask('build', { name: 'template', revision, statements: fillStatements(kind, state, scale) });
  const steps = await clocked(server, bin, revision);
  await server.ask('drop', { name: 'template' });
  return steps;
}

/** What differs from MLflow's result, in rows and schema; where MLflow was killed, from the floor's. */
async function judged(server, slow, hasFloor) {
  const compare = (one, other, shape) => server.ask('compare', { one, other, shape });
  const same = slow ? await compare('floor', 'mltrack', true) : await compare('mlflow', 'mltrack', false);
  const floor = slow || !hasFloor ? { rows: [], schema: [] } : await compare('mlflow', 'floor', true);
  return {
    judge: slow ? 'floor' : 'mlflow',
    differences: [...same.rows, ...same.schema],
    floorDifferences: [...floor.rows, ...floor.schema],
  };
}
