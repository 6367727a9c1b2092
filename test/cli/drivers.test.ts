import { createRequire } from 'node:module';
import { describe, expect, it } from 'vitest';

const require = createRequire(import.meta.url);

/*
 * mysql2 and pg are in the bundle, with some of what they seldom need beside it or asked for late. That they speak to
 * servers, and log in with passwords, every other test of the command line shows; TLS and a server's own character
 * set, test/dialects/mysql/odd-servers.test.ts.
 */
describe('what lies beside the bundled drivers is what they would have read', () => {
  it.each([
    ['encodings.cjs', 'iconv-lite/encodings/index.js', 'gbk'],
    ['mysql-errors.cjs', 'mysql2/lib/constants/errors.js', '1045'],
  ])('%s', (file, path, name) => {
    const built = require(`../../dist/${file}`);
    // By its path: mysql2 exports no more than itself.
    const original = require(`../../node_modules/${path}`);
    expect(Object.keys(built)).toEqual(Object.keys(original));
    expect(JSON.stringify(built[name])).toBe(JSON.stringify(original[name]));
  });
});
