import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

const script = `import json, os, subprocess, sys, time
for line in sys.stdin:
    command = json.loads(line)
    start = time.monotonic()
    child = subprocess.Popen(command["argv"], stdin=open(command.get("stdin") or os.devnull),
                             stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    said = child.stdout.read()
    _, status, used = os.wait4(child.pid, 0)
    print(json.dumps({"ms": (time.monotonic() - start) * 1000, "cpu": (used.ru_utime + used.ru_stime) * 1000,
                      "mb": used.ru_maxrss / 1024, "status": status, "said": said.decode()[-2000:]}), flush=True)
`;

/** Runs commands one at a time and says what the system counted for each; Node tells it of no child. */
export function startMeasuring() {
  const python = spawn(process.env.MLTRACK_PYTHON ?? 'python3', ['-c', script], {
    stdio: ['pipe', 'pipe', 'inherit'],
    env: { ...process.env, MLFLOW_DISABLE_TELEMETRY: 'true' },
  });
  const lines = createInterface({ input: python.stdout })[Symbol.asyncIterator]();
  return {
    /** @returns {{ ms: number, cpu: number, mb: number }} wall and processor milliseconds, most MB held */
    async run(argv, stdin) {
      python.stdin.write(`${JSON.stringify({ argv, stdin })}\n`);
      const { status, said, ...counted } = JSON.parse((await lines.next()).value);
      if (status !== 0) throw new Error(`${argv.join(' ')} failed:\n${said}`);
      return counted;
    },
    stop: () => python.stdin.end(),
  };
}
