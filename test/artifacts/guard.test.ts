import { describe, expect, it } from 'vitest';
import { ArtifactError, clean, shown } from '../../src/artifacts/failure.js';
import {
  checkItem,
  keyPrefix,
  mayRemove,
  namesOwner,
  Protected,
  unsafePath,
} from '../../src/artifacts/guard.js';
import { azureParts, fileUri, localPath, parseLocation, placeOf } from '../../src/artifacts/location.js';
import { fullyUnquoted, unquote } from '../../src/artifacts/unquote.js';

const refusal = (work: () => unknown): string => {
  try {
    work();
  } catch (error) {
    if (error instanceof ArtifactError && error.kind === 'refused') return error.message;
    throw error;
  }
  throw new Error('it was to be refused');
};
const prefixOf = (uri: string): string => keyPrefix(parseLocation(uri));
/** `..`, percent-encoded so many times. */
const dots = (times: number): string => {
  let text = '%2e%2E';
  for (let i = 1; i < times; i++) text = text.replaceAll('%', '%25');
  return text;
};

describe('a prefix', () => {
  it.each([
    ['s3://b/0/run/artifacts', '0/run/artifacts/'],
    ['s3://b/0/run/artifacts///', '0/run/artifacts/'],
    ['s3://b//0/run', '/0/run/'],
    ['gs://b/ä ö/100%', 'ä ö/100%/'],
    ['s3://b/a%2Fb', 'a%2Fb/'],
  ])('%s -> %s', (uri, prefix) => expect(prefixOf(uri)).toBe(prefix));

  it.each(['s3://b', 's3://b/', 's3://b///', 's3://b/./', 's3://b/././'])('%s is a root', (uri) => {
    expect(refusal(() => prefixOf(uri))).toMatch(/root of a bucket/);
  });

  it.each(Array.from({ length: 9 }, (_, i) => i + 1))('finds .. escaped %i times', (times) => {
    expect(unsafePath(`a/${dots(times)}/b`)).toMatch(/\.\./);
    expect(refusal(() => prefixOf(`s3://b/a/${dots(times)}/b`))).toMatch(/\.\./);
  });

  it('refuses what is escaped more often than MLflow decodes', () => {
    expect(unsafePath(`a/${dots(11)}/b`)).toMatch(/too often/);
  });

  it.each(['..', '../a', 'a/..', 'a\\..\\b', 'a/%2e./b', 'a%2f..%2fb', 'a/..%5cb', '%252e%252e%252f'])(
    'no: %s',
    (path) => {
      expect(unsafePath(path)).toMatch(/\.\./);
    },
  );

  it.each(['a\u0000b', 'a%00b', 'a\nb', 'a%0ab', 'a%2500b', '\u007f'])(
    'no control characters: %j',
    (path) => {
      expect(unsafePath(path)).toMatch(/control/);
    },
  );

  it.each(['...', 'a/...b/..c', 'a..b', '%', '%zz', '100%25', '.hidden/.b'])('fine: %s', (path) => {
    expect(unsafePath(path)).toBeNull();
  });

  it.each([
    ['foo/x', true],
    ['foo/', true],
    ['foo//x', true],
    ['foobar', false],
    ['foobar/x', false],
    ['foo', false],
    ['FOO/x', false],
    ['x/foo/x', false],
    ['foo/../bar', false],
    ['foo/./x', false],
    ['foo/a\\..\\..\\b', false],
    ['foo/..', false],
    ['', false],
  ])('of foo/: %s %s', (key, yes) => expect(mayRemove(key, 'foo/')).toBe(yes));

  it.each(['', '/', 'foo'])('%j lets nothing be removed', (prefix) => {
    for (const key of ['foo/x', '/x', 'x', 'foo']) expect(mayRemove(key, prefix)).toBe(false);
  });
});

describe('places', () => {
  it.each([
    ['s3://b/0//run/', 's3://b/0/run'],
    ['S3://b/0', 's3://b/0'],
    ['/data/0/', 'file:///data/0'],
    ['file:///data/0', 'file:///data/0'],
    ['file:/data/0', 'file:///data/0'],
    ['file://localhost/data/0', 'file:///data/0'],
    ['./mlruns/0', 'file:///work/mlruns/0'],
    ['mlruns/0/../1', 'file:///work/mlruns/1'],
    ['/data/my%20runs', 'file:///data/my runs'],
    ['file:///data/100%25', 'file:///data/100%'],
    ['wasbs://c@acc.blob.core.windows.net/p', 'azure://c@acc/p'],
    ['abfss://c@ACC.dfs.core.windows.net/p/', 'azure://c@acc/p'],
  ])('%s is %s', (uri, place) => expect(placeOf(parseLocation(uri), '/work')).toBe(place));

  it('a path survives the way into a URI and back', () => {
    for (const path of ['/a b/ä#?/100%/%25', '/x/%2e%2e/y'])
      expect(localPath(parseLocation(fileUri(path)), '/')).toBe(path);
  });

  it.each([
    ['', /empty/],
    ['  ', /empty/],
    ['file:', /empty/],
    ['file://', /empty/],
    ['file://nas/share/0', /not this machine/],
    ['C:\\mlruns\\0', /Windows/],
    ['c:/mlruns', /Windows/],
    ['s3://b/a?versionId=1', /cut there/],
    ['file:///a#b', /cut there/],
  ])('%j is refused', (uri, why) => {
    expect(refusal(() => placeOf(parseLocation(uri), '/work'))).toMatch(why);
  });

  it.each(['wasbs://c/p', 'wasbs://acc.blob.core.windows.net/p', 'abfss://c@acc/p'])(
    '%s is no Azure location',
    (uri) => {
      expect(refusal(() => azureParts(parseLocation(uri)))).toMatch(/container@account/);
    },
  );
});

describe('what must survive', () => {
  const never = new Protected(['s3://b/root/exp', 'file:///data/mlruns/0', 'azure://c@acc/x', 's3://bare']);

  it.each([
    's3://b/root/exp',
    's3://b/root',
    's3://b/',
    'file:///data/mlruns',
    'file:///',
    'azure://c@acc/',
    's3://bare',
  ])('%s', (place) => expect(never.has(place)).toBe(true));

  it.each([
    's3://b/root/exp/run',
    's3://b/root/ex',
    's3://b/root/exp2',
    's3://c/',
    'file:///data/mlruns/01',
    'azure://d@acc/x',
  ])('not %s', (place) => expect(never.has(place)).toBe(false));

  it('knows the root an item lies in', () => {
    expect(never.above('file:///data/mlruns/0/run/artifacts')).toBe('file:///data/mlruns/0');
    expect(never.above('file:///data/mlruns/0')).toBeNull();
    expect(never.above('file:///other/x')).toBeNull();
  });

  it('takes the same place however it is written', () => {
    const check = (uri: string) => refusal(() => checkItem(parseLocation(uri), never, '/data'));
    for (const uri of [
      's3://b//root/exp/',
      'mlruns',
      './mlruns/0/',
      'file:///data',
      'abfss://c@acc.dfs.core.windows.net/',
    ])
      expect(check(uri)).toMatch(/must survive/);
  });

  it.each([
    ['s3://b/0/abc/artifacts', 'abc', true],
    ['s3://b/abc', 'abc', true],
    ['s3://abc/0/x', 'abc', false],
    ['s3://b/0/abcd/artifacts', 'abc', false],
    ['s3://b/0/xabc/artifacts', 'abc', false],
    ['s3://b/0/artifacts', '', false],
  ])('%s names %j: %s', (place, owner, yes) => expect(namesOwner(place, owner)).toBe(yes));
});

describe('words', () => {
  it('decodes as Python does', () => {
    expect(unquote('%C3%A4%zz%4')).toBe('ä%zz%4');
    expect(fullyUnquoted('%252520')).toBe(' ');
    expect(fullyUnquoted(dots(12))).toBeNull();
  });

  it('shows no user, password or query', () => {
    expect(shown('https://me:pw@host/api?token=1')).toBe('https://host/api…');
    expect(shown('wasbs://c@acc.blob.core.windows.net/p')).toBe('wasbs://c@acc.blob.core.windows.net/p');
    expect(shown('/a\u001b[31mb')).toBe('/a\ufffd[31mb');
  });

  it('takes secrets out of what a store says', () => {
    const env = { AWS_SECRET_ACCESS_KEY: 'wJalr/secret', MLFLOW_TRACKING_PASSWORD: 'hunter22' };
    const said = clean(
      'GET https://u:p@acc.blob/x?sv=1&sig=AbC%3D&se=2 Authorization: Bearer abc.def wJalr/secret hunter22 AccountKey=zzz==;',
      env,
    );
    for (const secret of ['u:p', 'AbC', 'abc.def', 'wJalr', 'hunter22', 'zzz'])
      expect(said).not.toContain(secret);
    expect(said).toContain('acc.blob/x');
  });
});
