/**
 * Loaded before mltrack (`node --import`): the process kills itself at the n-th moment of a kind, named by
 * MLTRACK_TEST_DIES=<moment>:<n>. Nothing of mltrack's own is changed, only what it calls:
 *
 *   unlink    before the n-th artifact is removed        lock    before the n-th statement that locks items
 *   delete    before the n-th DELETE                     commit  before the n-th COMMIT, committed: after it
 *   describe  before the n-th text of a SQLite table is written, described: after the n-th
 *   change    before the n-th statement that changes something, or commits it
 */

import fs from 'node:fs';
import { createRequire, syncBuiltinESMExports } from 'node:module';

const [moment, nth] = (process.env.MLTRACK_TEST_DIES ?? '').split(':');
let left = Number(nth);
if (!moment || !(left > 0)) throw new Error('MLTRACK_TEST_DIES must be <moment>:<n>');

const reach = (name) => {
  if (name === moment && --left === 0) process.kill(process.pid, 'SIGKILL');
};

for (const [where, name] of [
  [fs.promises, 'unlink'],
  [fs, 'unlinkSync'],
]) {
  const original = where[name];
  where[name] = (path) => {
    reach('unlink');
    return original(path);
  };
}
syncBuiltinESMExports();

const require = createRequire(import.meta.url);

/** What a driver is given: a text, or an object that holds it. */
const textOf = (query) => (typeof query === 'string' ? query : (query?.text ?? query?.sql ?? ''));

function watch(prototype, method) {
  const original = prototype[method];
  prototype[method] = function (query, ...rest) {
    const sql = textOf(query);
    if (/^DELETE /.test(sql)) reach('delete');
    if (/^UPDATE sqlite_master /.test(sql)) reach('describe');
    // The next statement, and there is always one.
    if (/^PRAGMA writable_schema = OFF/.test(sql)) reach('described');
    if (/^\s*(ALTER|CREATE|DROP|INSERT|UPDATE|DELETE|COMMIT|WITH changed)\b/.test(sql)) reach('change');
    if (/^SELECT .* AS (k|uri)\b.*( FOR UPDATE|ORDER BY 1$)/.test(sql)) reach('lock');
    if (sql !== 'COMMIT') return original.call(this, query, ...rest);
    reach('commit');
    const done = rest.findLastIndex((one) => typeof one === 'function');
    const then = rest[done];
    if (then)
      rest[done] = function (...results) {
        reach('committed');
        return then.apply(this, results);
      };
    const result = original.call(this, query, ...rest);
    if (!then) result?.then?.(() => reach('committed'));
    return result;
  };
}

watch(require('pg').Client.prototype, 'query');
watch(require('mysql2').Connection.prototype, 'query');
for (const method of ['all', 'run']) watch(require('sqlite3').Database.prototype, method);
