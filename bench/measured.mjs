import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

const script = `import json, os, signal, subprocess, sys, threading, time
for line in sys.stdin:
    command = json.loads(line)
    start = time.monotonic()
    child = subprocess.Popen(command["argv"], stdin=open(command.get("stdin") or os.devnull),
                             stdout=subprocess.PIPE, stderr=subprocess.STDOUT, start_new_session=True)
    killed = []
    timer = threading.Timer(command.get("limit") or 1e6, lambda: (killed.append(1), os.killpg(child.pid, signal.SIGKILL)))
    timer.start()
    said = child.stdout.read()
    _, status, used = os.wait4(child.pid, 0)
    timer.cancel()
    print(json.dumps({"ms": (time.monotonic() - start) * 1000, "cpu": (used.ru_utime + used.ru_stime) * 1000,
                      "mb": used.ru_maxrss / 1024, "status": status, "said": said.decode()[-2000:],
                      "killed": bool(killed)}), flush=True)
`;

/** Runs commands one at a time and says what the system counted for each; Node tells it of no child. */
export function startMeasuring() {
  const python = spawn(process.env.MLTRACK_PYTHON ?? 'python3', ['-c', script], {
    stdio: ['pipe', 'pipe', 'inherit'],
    env: { ...process.env, MLFLOW_DISABLE_TELEMETRY: 'true' },
  });
  const lines = createInterface({ input: python.stdout })[Symbol.asyncIterator]();
  return {
    /**
     * @param limit seconds after which it and its children are killed
     * @returns {{ ms: number, cpu: number, mb: number, killed: boolean }} wall and processor milliseconds of it and the
     * children it waited for, most MB that one of them held
     */
    async run(argv, stdin, limit) {
      python.stdin.write(`${JSON.stringify({ argv, stdin, limit })}\n`);
      const { status, said, ...counted } = JSON.parse((await lines.next()).value);
      if (status !== 0 && !counted.killed) throw new Error(`${argv.join(' ')} failed:\n${said}`);
      return counted;
    },
    stop: () => python.stdin.end(),
  };
}
