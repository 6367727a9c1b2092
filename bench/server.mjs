import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const tools = fileURLToPath(new URL('../fixtures/tools', import.meta.url));
const script = `import sys; sys.path.insert(0, sys.argv[1])
import servers
with servers.START[sys.argv[2]]() as server:
    print(server.url, server.version, flush=True)
    for line in sys.stdin:
        print(servers.fresh_database(server, line.strip()), flush=True)
`;

/**
 * A throw-away server of fixtures/tools/servers.py (it says where servers are looked for). MLTRACK_PYTHON names a
 * Python with psycopg2, pymysql and SQLAlchemy.
 */
export async function startServer(kind) {
  if (kind === 'sqlite') {
    const folder = mkdtempSync(join(tmpdir(), 'mltrack-bench-'));
    let count = 0;
    return {
      version: '',
      fresh: async () => `sqlite:///${join(folder, `${++count}.db`)}`,
      stop: async () => rmSync(folder, { recursive: true, force: true }),
    };
  }
  const python = spawn(process.env.MLTRACK_PYTHON ?? 'python3', ['-c', script, tools, kind], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const lines = createInterface({ input: python.stdout })[Symbol.asyncIterator]();
  const line = async () => {
    const { value, done } = await lines.next();
    if (done) throw new Error(`${kind} did not start`);
    return value;
  };
  const [, version] = (await line()).split(' ');
  let count = 0;
  return {
    version,
    fresh: async () => {
      python.stdin.write(`bench${++count}\n`);
      return line();
    },
    stop: async () => {
      const ended = new Promise((done) => python.once('exit', done));
      python.stdin.end();
      await ended;
    },
  };
}
