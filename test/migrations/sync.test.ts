import { readdirSync, readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { loadChain } from '../../src/core/revisions.js';

const root = new URL('../../', import.meta.url);
const read = (name: string) => readFileSync(new URL(name, root), 'utf8');
const json = (name: string) => JSON.parse(read(name));

const chain = await loadChain();
const sources = json('fixtures/revision-sources.json');

it('every revision has a fingerprint of what MLflow says in it', () => {
  const ported = chain.revisions.slice(1).map(({ revision }) => revision);
  expect(Object.keys(sources.revisions)).toEqual(ported);
  for (const [revision, { file, fingerprint }] of Object.entries<Record<string, string>>(sources.revisions)) {
    expect(file).toContain(`/${revision}_`);
    expect(fingerprint).toMatch(/^[0-9a-f]{16}$/);
  }
});

it('no revision is still a skeleton, and no sync is under way', () => {
  const files = readdirSync(new URL('migrations/', root)).filter((name) => name.endsWith('.ts'));
  expect(files.length).toBeGreaterThan(chain.revisions.length);
  expect(files.filter((name) => read(`migrations/${name}`).includes('skeleton of mlflow:sync'))).toEqual([]);
  expect(sources.syncing).toBeNull();
});

it('the places that name the head say the head', () => {
  const { releases } = json('migrations/releases.json');
  const head = chain.revisions.at(-1)?.revision as string;
  const release = Object.keys(releases).at(-1) as string;
  expect(releases[release]).toBe(head);
  const minor = release.split('.').slice(0, 2).join('.');
  const states = chain.revisions.length;
  const values: Record<string, unknown> = { release, minor, head, revisions: states - 1, states };
  const pins: { file: string; says: string }[] = json('fixtures/tools/sync/pins.json');
  const wrong = pins
    .map(({ file, says }) => ({ file, says: says.replace(/\{(\w+)\}/g, (_, name) => String(values[name])) }))
    .filter(({ file, says }) => !read(file).includes(says));
  expect(wrong).toEqual([]);
});
