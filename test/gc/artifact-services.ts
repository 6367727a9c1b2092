import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { ArtifactStores } from '../../src/artifacts/open.js';
import { Stop } from '../../src/core/stop.js';
import { collect } from '../artifacts/contract.js';
import type { ArtifactServer } from '../support/artifact-server.js';
import type { Fault } from '../support/fault-proxy.js';
import { thorough } from '../support/share.js';
import { daysAgo, type GcWorld, gc, gcWorld, idOf, type Ran } from './plan-world.js';

type Env = Readonly<Record<string, string | undefined>>;

/** Two tries at each request. */
export const impatient: Env = { MLFLOW_HTTP_REQUEST_MAX_RETRIES: '1' };

/** How a server of artifacts is said to the command. */
export const argsOf = ({ options }: ArtifactServer): string[] =>
  options.trackingUri ? ['--tracking-uri', options.trackingUri] : [];

/** Of the server's environment what this process does not have. */
export const envOf = ({ options }: ArtifactServer): Env =>
  Object.fromEntries(
    Object.entries(options.env ?? {}).filter(([name, value]) => process.env[name] !== value),
  );

/** What lies below a location, without the faults. */
export async function lying(server: ArtifactServer, path: string): Promise<string[]> {
  if (server.proxy) server.proxy.faults = () => null;
  const stores = new ArtifactStores(server.options);
  const uri = `${server.root}/${path}`;
  const files = await collect((await stores.of(uri)).list(uri));
  await stores.close();
  return files.map((file) => file.path).sort();
}

/** Says where an item's artifacts are. */
export const place = (world: GcWorld, id: string, uri: string): Promise<unknown> =>
  world.database.run(`UPDATE runs SET artifact_uri = '${uri}' WHERE run_uuid = '${id}'`);

/** A deleted run with two artifacts there, beside a neighbour whose name begins alike. */
export async function deletedRun(
  world: GcWorld,
  server: ArtifactServer,
  home: string,
  short: string,
): Promise<string> {
  const id = await world.run(short, { deletedAt: daysAgo(40), files: 0, metrics: 1 });
  await place(world, id, `${server.root}/${home}/${id}/artifacts`);
  for (const name of ['artifacts/a', 'artifacts/model/MLmodel'])
    await server.put(`${home}/${id}/${name}`, 'abc');
  return id;
}

export const reasonsOf = ({ event }: Ran): Record<string, string> =>
  Object.fromEntries(
    (event.failed as { id: string; reason: string }[]).map(({ id, reason }) => [id, reason]),
  );

interface Case {
  readonly what: string;
  readonly fault: (server: ArtifactServer) => Fault;
  readonly says: RegExp;
  readonly env?: Env;
  /** Only where all is asked for. */
  readonly long?: true;
}

const cases: readonly Case[] = [
  { what: 'a 403', fault: (server) => server.denied, says: /403/ },
  {
    what: 'a server that only fails',
    fault: () => ({ status: 500 }),
    says: /500.*tried 2 times/,
    long: true,
  },
  {
    what: 'no answer',
    fault: () => ({ hangMs: 60_000 }),
    says: /no answer within 0.7 s|time/i,
    env: { MLFLOW_HTTP_REQUEST_TIMEOUT: '0.7' },
    long: true,
  },
  { what: 'a connection that breaks', fault: () => ({ reset: true }), says: /ECONNRESET|socket hang up/ },
];

/** What `mltrack gc` must do on every server of artifacts, whatever happens on the way. */
export function describeCollection(title: string, start: () => Promise<ArtifactServer>): void {
  describe(`mltrack gc with artifacts on ${title}`, () => {
    let server: ArtifactServer;
    let world: GcWorld;
    let home = '';
    let count = 0;
    beforeAll(async () => {
      server = await start();
    }, 150_000);
    afterAll(() => server?.stop());
    afterEach(() => world?.drop());

    const made = async (): Promise<void> => {
      if (server.proxy) server.proxy.faults = () => null;
      world = await gcWorld('sqlite');
      home = `t${++count}`;
      await world.experiment(1, undefined, { artifact_location: `${server.root}/${home}` });
    };
    const collected = (args: readonly string[] = [], env: Env = {}, stop?: Stop): Promise<Ran> =>
      gc(world, [...argsOf(server), '--yes', '--json', ...args], stop, {
        ...{ ...envOf(server), ...impatient, ...env },
      });
    const spoil = (faults: NonNullable<ArtifactServer['proxy']>['faults']): void => {
      if (!server.proxy) throw new Error('no network to spoil');
      server.proxy.forget();
      server.proxy.faults = faults;
    };

    it('deletes runs, models and traces with what is theirs alone', async () => {
      await made();
      const run = await deletedRun(world, server, home, 'run');
      const bare = await world.run('bare', { deletedAt: daysAgo(40), files: 0 });
      await place(world, bare, `${server.root}/${home}/${bare}/artifacts`);
      await world.run('active');
      const [model, trace] = [`m-${idOf('model')}`, `tr-${idOf('trace')}`];
      await world.experiment(2, daysAgo(40), { artifact_location: `${server.root}/${home}/2` });
      await world.insert('logged_models', {
        ...{ model_id: model, experiment_id: 2, name: 'net', lifecycle_stage: 'deleted', status: 2 },
        ...{ creation_timestamp_ms: 1, last_updated_timestamp_ms: daysAgo(40) },
        artifact_location: `${server.root}/${home}/2/models/${model}/artifacts`,
      });
      await world.insert('trace_info', {
        request_id: trace,
        experiment_id: 2,
        timestamp_ms: 7,
        status: 'OK',
      });
      await world.insert('trace_tags', {
        ...{ request_id: trace, key: 'mlflow.artifactLocation' },
        value: `${server.root}/${home}/2/traces/${trace}/artifacts`,
      });
      const beside = [`${run}/artifacts2/x`, `${run}x/artifacts/x`, `2/models/${model}x/artifacts/x`];
      for (const key of [
        ...[...beside, `2/models/${model}/artifacts/MLmodel`, `2/traces/${trace}/artifacts/traces.json`],
      ])
        await server.put(`${home}/${key}`, 'abc');
      const plan = await gc(world, [...argsOf(server), '--dry-run', '--json'], undefined, envOf(server));
      expect(plan.event.artifacts).toEqual({ files: 4, bytes: 12, unknown: 0 });
      const { error, event } = await collected();
      expect(error).toBeNull();
      expect(event).toMatchObject({
        ...{ gone: { run: 2, model: 1, experiment: 1 }, failed: [], artifacts: { files: 4, bytes: 12 } },
      });
      expect(await lying(server, home)).toEqual([...beside].sort());
      expect(await world.values('trace_info', 'request_id')).toEqual([]);
    });

    it.each(cases.filter(({ long }) => thorough || !long))(
      'keeps the run behind $what, takes the rest, and finishes when it is mended',
      async ({ fault, says, env }) => {
        await made();
        const [bad, good] = [
          await deletedRun(world, server, home, 'bad'),
          await deletedRun(world, server, home, 'good'),
        ];
        spoil((request) => (request.url?.includes(bad) ? fault(server) : null));
        const first = await collected([], env);
        expect(first.error).toMatchObject({ exitCode: 8 });
        expect(first.event).toMatchObject({ gone: { run: 1 }, artifacts: { files: 2 } });
        const { [bad]: reason = '' } = reasonsOf(first);
        expect(reason).toContain(`${home}/${bad}`);
        expect(reason).toMatch(says);
        const said = [first.out, first.warned, first.error?.message, ...(first.error?.hints ?? [])].join(
          '\n',
        );
        expect(said).not.toContain(server.secret);
        expect(await world.values('runs', 'run_uuid')).toEqual([bad]);
        expect(await lying(server, home)).toEqual([`${bad}/artifacts/a`, `${bad}/artifacts/model/MLmodel`]);
        const second = await collected();
        expect([second.error, second.event.failed, await lying(server, home)]).toEqual([null, [], []]);
        expect(await world.values('runs', 'run_uuid')).toEqual([]);
        expect(good).not.toBe(bad);
      },
    );

    it('comes through a 500 that passes, and asks no more at once than it may', async () => {
      await made();
      const ids = [];
      for (let i = 0; i < 12; i++) ids.push(await deletedRun(world, server, home, `run${i}`));
      spoil((_, n) => (n === 2 ? { status: 500 } : { slowMs: 20 }));
      const { error, event } = await collected(['--concurrency', '3']);
      expect([error, event.gone]).toEqual([null, expect.objectContaining({ run: 12 })]);
      expect(server.proxy?.most).toBeGreaterThan(1);
      expect(server.proxy?.most).toBeLessThanOrEqual(3);
    });

    it('stops asking a server that is down, and says why each run stays', async () => {
      await made();
      const ids: string[] = [];
      for (let i = 0; i < 25; i++) {
        const id = await world.run(`run${i}`, { deletedAt: daysAgo(40), files: 0, metrics: 0 });
        await place(world, id, `${server.root}/${home}/${id}/artifacts`);
        ids.push(id);
      }
      const here = await world.run('here', { deletedAt: daysAgo(40) });
      spoil(() => ({ reset: true }));
      const { error, event } = await collected(['--concurrency', '4']);
      expect([error?.exitCode, event.gone]).toEqual([8, expect.objectContaining({ run: 1 })]);
      // Five that fail to the end with two tries each, and what was under way beside them.
      expect(server.proxy?.seen.length).toBeLessThanOrEqual(20);
      const reasons = Object.values(reasonsOf({ event } as Ran));
      expect(reasons).toHaveLength(25);
      expect(
        reasons.filter((reason) => /not tried, as .* failed \d+ times in a row/.test(reason)).length,
      ).toBeGreaterThanOrEqual(15);
      expect(await world.values('runs', 'run_uuid')).toEqual([...ids].sort());
      expect(world.has(1, here, 'artifacts')).toBe(false);
      spoil(() => null);
      expect((await collected()).event).toMatchObject({ gone: { run: 25 }, failed: [] });
    });

    it('ends soon after Ctrl-C, though a server hangs, and goes on from there', async () => {
      await made();
      const id = await deletedRun(world, server, home, 'slow');
      const stop = new Stop();
      spoil(() => {
        setTimeout(() => stop.request('SIGINT'), 100);
        return { hangMs: 60_000 };
      });
      const start = performance.now();
      const { error } = await collected([], {}, stop);
      expect(error).toMatchObject({ exitCode: 130 });
      expect(performance.now() - start).toBeLessThan(3000);
      expect(await world.values('runs', 'run_uuid')).toEqual([id]);
      spoil(() => null);
      expect((await collected()).event).toMatchObject({ gone: { run: 1 }, artifacts: { files: 2 } });
    });

    it.runIf(thorough)('waits five seconds for a removal under way after Ctrl-C', async () => {
      await made();
      const id = await deletedRun(world, server, home, 'slow');
      const stop = new Stop();
      spoil(({ method }) => {
        if (method === 'GET') return null;
        setTimeout(() => stop.request('SIGINT'), 100);
        return { hangMs: 60_000 };
      });
      const start = performance.now();
      const { error } = await collected([], {}, stop);
      expect([error?.exitCode, await world.values('runs', 'run_uuid')]).toEqual([130, [id]]);
      expect(performance.now() - start).toBeLessThan(9000);
      spoil(() => null);
      expect((await collected()).event).toMatchObject({ gone: { run: 1 } });
      expect(await lying(server, home)).toEqual([]);
    });

    it.runIf(thorough)('stops where listing works and no removal does', async () => {
      await made();
      for (let i = 0; i < 30; i++) await deletedRun(world, server, home, `run${i}`);
      spoil(({ method }) => (method === 'GET' ? null : { status: 500 }));
      const { error, event } = await collected(['--concurrency', '4']);
      expect([error?.exitCode, event.gone]).toEqual([8, expect.objectContaining({ run: 0 })]);
      const removals = server.proxy?.seen.filter((one) => !one.startsWith('GET')) ?? [];
      expect(removals.length).toBeLessThanOrEqual(60);
      expect(await world.values('runs', 'run_uuid')).toHaveLength(30);
      spoil(() => null);
      expect((await collected()).event).toMatchObject({ gone: { run: 30 }, failed: [] });
    });

    it('keeps the run in a bucket that is missing', async ({ skip }) => {
      if (!server.missing) return skip('here are no buckets');
      await made();
      const [lost, good] = [
        await world.run('lost', { deletedAt: daysAgo(40), files: 0 }),
        await deletedRun(world, server, home, 'good'),
      ];
      await place(world, lost, `${server.missing}/1/${lost}/artifacts`);
      const { error, event } = await collected();
      expect([error?.exitCode, event.gone]).toEqual([8, expect.objectContaining({ run: 1 })]);
      expect(reasonsOf({ event } as Ran)[lost]).toContain(server.missing);
      expect([await world.values('runs', 'run_uuid'), good].flat()).toContain(lost);
    });

    it('leaves artifacts alone with --keep-artifacts, and what is no item’s place', async () => {
      await made();
      const [kept, root] = [
        await deletedRun(world, server, home, 'kept'),
        await deletedRun(world, server, home, 'root'),
      ];
      await place(world, root, `${server.root}/${home}`);
      spoil(() => null);
      const refused = await collected(['--run-ids', root]);
      expect(refused.error).toMatchObject({ exitCode: 8 });
      expect(reasonsOf(refused)[root]).toMatch(/must survive/);
      await place(world, root, `${server.root}/${home}/../x/${root}/artifacts`);
      expect(reasonsOf(await collected(['--run-ids', root]))[root]).toMatch(/leads out of it/);
      const { event } = await collected(['--keep-artifacts']);
      expect([event.gone, server.proxy?.seen]).toEqual([expect.objectContaining({ run: 2 }), []]);
      expect(await lying(server, home)).toHaveLength(4);
      expect(kept).not.toBe(root);
    });
  });
}
