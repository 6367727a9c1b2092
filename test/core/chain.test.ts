import { describe, expect, it } from 'vitest';
import { compareVersions, findRelease, loadReleases, releaseRange } from '../../src/core/releases.js';
import { chainOf, loadChain } from '../../src/core/revisions.js';
import { resolveTarget } from '../../src/core/target.js';
import { revisionAt, stateCount } from '../support/fixtures.js';

const link = (ordinal: number, revision: string | null, down: string | null) => ({
  ordinal,
  revision: { revision, down, title: '', release: '1.0.0', created: null, up: [] },
});
const base = link(0, null, null);

describe('the chain of revisions', () => {
  it('is the one the goldens were made from', async () => {
    const chain = await loadChain();
    expect(chain.revisions.map(({ revision }) => revision)).toEqual(
      Array.from({ length: stateCount }, (_, i) => revisionAt(i)),
    );
  });

  it('names for each revision the first release that ships it', async () => {
    const [chain, releases] = [await loadChain(), await loadReleases()];
    const sorted = [...releases].sort(([a], [b]) => compareVersions(a, b));
    chain.revisions.slice(1).forEach(({ revision, release }, i) => {
      const first = sorted.find(([, head]) => (chain.ordinalOf(head) as number) >= i + 1);
      expect(release, revision as string).toBe(first?.[0]);
    });
  });

  it.each([
    ['a gap', [base, link(1, 'a', null), link(3, 'b', 'a')]],
    ['a fork', [base, link(1, 'a', null), link(2, 'b', null)]],
    ['a duplicate', [base, link(1, 'a', null), link(2, 'a', 'a')]],
    ['a wrong predecessor', [base, link(1, 'a', null), link(2, 'b', 'c')]],
    ['a second base', [base, link(1, null, null)]],
    ['no base', [link(0, 'a', null)]],
  ])('refuses %s', (_name, files) => {
    expect(() => chainOf(files)).toThrow(/migrations\//);
  });
});

describe('releases', () => {
  it('finds a patch exactly, and a minor by its newest patch', async () => {
    const releases = await loadReleases();
    expect(findRelease(releases, '3.1.0')).toBe('3.1.0');
    expect(findRelease(releases, '3.1')).toBe('3.1.4');
    expect(findRelease(releases, '1.13')).toBe('1.13.1');
    expect(() => findRelease(releases, '2.99')).toThrow(/not a release/);
    expect(() => findRelease(releases, '3.18.7')).toThrow(/not a release/);
    expect(releaseRange(releases, 'f4a9b2c7d1e6')).toBe('3.18.0');
    expect(releaseRange(releases, '181f10493468')).toBe('1.1.0');
    expect(releaseRange(releases, '451aebb31d03')).toBeNull();
  });

  it.each([
    ['f4a9', 70],
    ['3.18', 70],
    ['v2.9.2', 23],
    ['+1', 24],
    ['heads', 70],
  ])('--to %s from state 23', async (text, ordinal) => {
    expect(resolveTarget(text, 23, await loadChain(), await loadReleases())).toBe(ordinal);
  });
});
