// Known holes of level high in the packages of the lock file: in what a user installs, in what is in the bundle, and in
// what builds and tests. Not every registry answers; then this is said, and nothing is proved.
import { spawnSync } from 'node:child_process';

const { stdout, stderr } = spawnSync('npm', ['audit', '--json'], { encoding: 'utf8' });
let report = {};
try {
  report = JSON.parse(stdout);
} catch {}
const { vulnerabilities, metadata } = report;
if (!metadata?.vulnerabilities) {
  const why = report.message ?? report.error?.summary ?? stderr.trim().split('\n')[0];
  console.error(`!!! NOT AUDITED: the registry does not answer (${why})`);
  console.log('audit: 0 passed 0 failed 1 skipped');
} else {
  const bad = Object.values(vulnerabilities).filter(({ severity }) => /^(high|critical)$/.test(severity));
  for (const { name, severity, range, via } of bad) {
    const what = via.map((one) => (typeof one === 'string' ? one : `${one.title} ${one.url}`));
    console.error(`${severity}: ${name} ${range}: ${what.join('; ')}`);
  }
  const { total } = metadata.vulnerabilities;
  console.log(`${total - bad.length} below level high`);
  console.log(`audit: ${bad.length > 0 ? '0 passed 1 failed' : '1 passed 0 failed'} 0 skipped`);
  process.exitCode = bad.length > 0 ? 1 : 0;
}
