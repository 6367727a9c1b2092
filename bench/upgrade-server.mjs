import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

/**
 * A throw-away server of fixtures/tools/servers.py, on which real MLflow builds old databases (upgrade_server.py says
 * what can be asked of it). MLFLOW_PYTHON names the Python that has MLflow.
 */
export async function startUpgradeServer(kind) {
  const script = fileURLToPath(new URL('upgrade_server.py', import.meta.url));
  const python = spawn(process.env.MLFLOW_PYTHON, [script, kind], { stdio: ['pipe', 'pipe', 'inherit'] });
  const lines = createInterface({ input: python.stdout })[Symbol.asyncIterator]();
  const answer = async () => {
    const { value, done } = await lines.next();
    if (done) throw new Error(`${kind} did not start, or ended`);
    const said = JSON.parse(value);
    if (said.error) throw new Error(said.error);
    return said;
  };
  const about = await answer();
  return {
    ...about,
    ask(what, question) {
      python.stdin.write(`${JSON.stringify({ do: what, ...question })}\n`);
      return answer();
    },
    async stop() {
      const ended = new Promise((done) => python.once('exit', done));
      python.stdin.end();
      await ended;
    },
  };
}
