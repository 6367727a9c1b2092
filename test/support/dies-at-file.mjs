// Ends this process by SIGKILL before its nth change in the file system (MLTRACK_TEST_DIES_AT_FILE).
import { promises } from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';

let left = Number(process.env.MLTRACK_TEST_DIES_AT_FILE);
for (const name of ['mkdir', 'rename', 'unlink', 'rmdir', 'rm']) {
  const real = promises[name];
  promises[name] = (...args) => {
    if (--left === 0) process.kill(process.pid, 'SIGKILL');
    return real(...args);
  };
}
syncBuiltinESMExports();
