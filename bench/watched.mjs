import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';

const ticks = 100; // USER_HZ, which Linux has fixed for programs (man 5 proc)

function look(pid, seen) {
  try {
    const [, peak] = /VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
    if (peak) seen.peakMb = Number(peak) / 1024;
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
      .replace(/^.*\) /s, '')
      .split(' ');
    seen.cpu = (Number(fields[11]) + Number(fields[12])) / ticks;
  } catch {
    // It has ended.
  }
}

/**
 * Runs a command and watches it: its seconds, the processor's, the most memory it held, and when it printed the first
 * and the last line that `wanted` fits. Linux only.
 *
 * @param budget seconds after which it is interrupted, and killed when it goes on
 */
export async function watched(command, args, { wanted = /$^/, budget } = {}) {
  const since = performance.now();
  const child = spawn(command, args, {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, MLFLOW_DISABLE_TELEMETRY: 'true', PYTHONUNBUFFERED: '1' },
  });
  const now = () => (performance.now() - since) / 1000;
  const seen = { peakMb: 0, cpu: 0, lines: 0, first: 0, last: 0, out: '', cpuAtFirst: 0 };
  const timer = setInterval(() => look(child.pid, seen), 20);
  const stops = [
    ...(budget ? [setTimeout(() => child.kill('SIGINT'), budget * 1000)] : []),
    ...(budget ? [setTimeout(() => child.kill('SIGKILL'), (budget + 20) * 1000)] : []),
  ];
  child.stdout.on('data', (data) => {
    const lines = String(data)
      .split('\n')
      .filter((line) => wanted.test(line)).length;
    if (lines > 0 && seen.lines === 0) {
      seen.first = now();
      look(child.pid, seen);
      seen.cpuAtFirst = seen.cpu;
    }
    if (lines > 0) seen.last = now();
    seen.lines += lines;
    seen.out = (seen.out + data).slice(-4000);
  });
  let errors = '';
  child.stderr.on('data', (data) => {
    errors = (errors + data).slice(-4000);
  });
  const code = await new Promise((done, failed) => child.once('close', done).once('error', failed));
  clearInterval(timer);
  for (const stop of stops) clearTimeout(stop);
  if (code !== 0 && !budget) throw new Error(`${command} ${args[0]} ended with ${code}\n${errors}`);
  return { ...seen, seconds: now(), errors };
}
