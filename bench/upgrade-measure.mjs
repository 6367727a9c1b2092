import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { startMeasuring } from './measured.mjs';

const ticks = 100; // USER_HZ, which Linux has fixed for programs (man 5 proc)
/** Milliseconds in which a server notices that its client is gone, and PostgreSQL waits for the process it had. */
const settles = 300;

/** Milliseconds of processor that a process, those it waited for and those it still has took (man 5 proc, stat). */
function processorOf(pid) {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
      .replace(/^.*\) /s, '')
      .split(' ');
    const own = fields.slice(11, 15).reduce((sum, field) => sum + Number(field), 0) * (1000 / ticks);
    const children = readdirSync(`/proc/${pid}/task`).flatMap((task) =>
      readFileSync(`/proc/${pid}/task/${task}/children`, 'utf8').split(' ').filter(Boolean),
    );
    return children.reduce((sum, child) => sum + processorOf(child), own);
  } catch {
    return 0; // It has ended.
  }
}

/** Runs commands one at a time beside a server, whose processor time counts as well. Linux only. */
export function startMeasure() {
  const measuring = startMeasuring();
  return {
    /**
     * @param limit seconds after which the command is killed
     * @returns wall milliseconds; processor milliseconds of the command with its children (`client`), of the server,
     * and of both (`cpu`); most MB that the command held; whether it was killed
     */
    async run(server, { argv, stdin }, limit) {
      const before = server.pid ? processorOf(server.pid) : 0;
      const { ms, cpu: client, mb, killed } = await measuring.run(argv, stdin, limit);
      if (server.pid) await sleep(settles);
      const ofServer = server.pid ? processorOf(server.pid) - before : 0;
      return { ms, client, server: ofServer, cpu: client + ofServer, mb, killed };
    },
    stop: () => measuring.stop(),
  };
}
