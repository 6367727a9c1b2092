/** Loaded before mltrack (`node --import`): at its end the process says how much memory it had at most, in KiB. */
import { readFileSync, writeSync } from 'node:fs';

process.once('exit', () => {
  const [, kib] = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync('/proc/self/status', 'utf8')) ?? [];
  writeSync(2, `peak: ${kib}\n`);
});
