import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { sslOf } from '../../../src/dialects/mysql/ssl.js';
import { parseUri } from '../../../src/dialects/uri.js';

const folder = mkdtempSync(join(tmpdir(), 'mltrack-'));
afterAll(() => rmSync(folder, { recursive: true }));
const file = (name: string): string => {
  const path = join(folder, name);
  writeFileSync(path, name);
  return path;
};
const [ca, cert, key] = [file('ca'), file('cert'), file('key')];
const of = (query: string, env: Record<string, string> = {}) =>
  sslOf(parseUri(`mysql+pymysql://u@h/d${query}`), env);

describe('TLS', () => {
  it('is not asked for by other options', () => {
    expect(of('')).toBeUndefined();
    expect(of('?charset=utf8mb4')).toBeUndefined();
  });

  it("is asked for by MLflow's variables, as by the URI's options", () => {
    const env = { MLFLOW_MYSQL_SSL_CA: ca, MLFLOW_MYSQL_SSL_CERT: cert, MLFLOW_MYSQL_SSL_KEY: key };
    const expected = { ca: 'ca', cert: 'cert', key: 'key', rejectUnauthorized: true, verifyIdentity: false };
    expect(of('', env)).toEqual(expected);
    expect(of(`?ssl_ca=${ca}&ssl_cert=${cert}&ssl_key=${key}`)).toEqual(expected);
  });

  it.each([
    ['?ssl_mode=REQUIRED', { rejectUnauthorized: false, verifyIdentity: false }],
    ['?ssl_mode=VERIFY_CA', { rejectUnauthorized: true, verifyIdentity: false }],
    ['?ssl_mode=VERIFY_IDENTITY', { rejectUnauthorized: true, verifyIdentity: true }],
    ['?ssl_verify_cert=true&ssl_verify_identity=true', { rejectUnauthorized: true, verifyIdentity: true }],
    ['?ssl_cipher=AES256-SHA', { ciphers: 'AES256-SHA', rejectUnauthorized: false, verifyIdentity: false }],
  ])('%s', (query, expected) => {
    expect(of(query)).toEqual(expected);
  });

  it.each(['?ssl_mode=DISABLED', `?ssl_disabled=true&ssl_ca=${ca}`])('%s is none', (query) => {
    expect(of(query)).toBeUndefined();
  });

  it('names a file that cannot be read', () => {
    expect(() => of(`?ssl_ca=${folder}/none`)).toThrow(/the file that ssl_ca names cannot be read: .*none/);
  });
});
