// What a Node program cannot do without: the driver, one connection, the statements one after the other in one
// transaction where the server has one for them. Usage: node bench/start-floor.mjs URI statements.json
import { readFileSync } from 'node:fs';

const [uri, file] = process.argv.slice(2);
const statements = file
  ? JSON.parse(readFileSync(file, 'utf8'))
  : ['SELECT version_num FROM alembic_version'];
const url = new URL(uri.replace(/^(\w+)(\+\w+)?:/, '$1:'));
const address = {
  host: url.hostname,
  port: Number(url.port),
  user: url.username,
  database: url.pathname.slice(1),
};

const run = {
  'sqlite:': async () => {
    const { default: sqlite3 } = await import('sqlite3');
    const db = new sqlite3.Database(uri.replace('sqlite:///', ''));
    const query = (sql) =>
      new Promise((done, fail) => db.all(sql, (error) => (error ? fail(error) : done())));
    for (const sql of ['BEGIN', ...statements, 'COMMIT']) await query(sql);
    db.close();
  },
  'postgresql:': async () => {
    const { default: pg } = await import('pg');
    const client = new pg.Client(address);
    await client.connect();
    for (const sql of ['BEGIN', ...statements, 'COMMIT']) await client.query(sql);
    await client.end();
  },
  'mysql:': async () => {
    const { createConnection } = await import('mysql2');
    const connection = createConnection(address);
    const query = (sql) =>
      new Promise((done, fail) => connection.query(sql, (error) => (error ? fail(error) : done())));
    for (const sql of statements) await query(sql);
    connection.end();
  },
};
await run[url.protocol]();
