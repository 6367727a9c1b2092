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
import net from 'node:net';

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

/** What a statement is the moment of; null for all but COMMIT, which is over when `committed` is called. */
function sent(sql) {
  if (/^DELETE /.test(sql)) reach('delete');
  if (/^UPDATE sqlite_master /.test(sql)) reach('describe');
  // The next statement, and there is always one.
  if (/^PRAGMA writable_schema = OFF/.test(sql)) reach('described');
  if (/^\s*(ALTER|CREATE|DROP|INSERT|UPDATE|DELETE|COMMIT|WITH changed)\b/.test(sql)) reach('change');
  if (/^SELECT .* AS (k|uri)\b.*( FOR UPDATE|ORDER BY 1$)/.test(sql)) reach('lock');
  if (sql !== 'COMMIT') return null;
  reach('commit');
  return () => reach('committed');
}

/** The statement in a message to a server: a Query or Parse of PostgreSQL, a COM_QUERY of MySQL; the drivers are bundled. */
function statementIn(message) {
  if (!Buffer.isBuffer(message) || message.length < 6) return null;
  const text = () => message.toString('utf8');
  if (message.readUIntLE(0, 3) === message.length - 4 && message[3] === 0 && message[4] === 3)
    // Attributes of the query: none, in one set.
    return message.toString('utf8', message[5] === 0 && message[6] === 1 ? 7 : 5);
  if (message.readInt32BE(1) > message.length - 1) return null;
  const kind = String.fromCharCode(message[0]);
  if (kind === 'Q') return text().slice(5).split('\0', 1)[0];
  return kind === 'P' ? (text().slice(5).split('\0', 2)[1] ?? null) : null;
}

const { write } = net.Socket.prototype;
net.Socket.prototype.write = function (message, ...rest) {
  const sql = statementIn(message);
  const committed = sql === null ? null : sent(sql);
  if (committed) this.prependOnceListener('data', committed);
  return write.call(this, message, ...rest);
};

const sqlite3 = createRequire(import.meta.url)('sqlite3');
for (const method of ['all', 'run']) {
  const original = sqlite3.Database.prototype[method];
  sqlite3.Database.prototype[method] = function (sql, ...rest) {
    const committed = sent(sql);
    const done = rest.findLastIndex((one) => typeof one === 'function');
    const then = rest[done];
    if (committed && then)
      rest[done] = function (...results) {
        committed();
        return then.apply(this, results);
      };
    return original.call(this, sql, ...rest);
  };
}
