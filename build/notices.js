import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/**
 * Writes THIRD-PARTY-NOTICES.txt: each package of which some code is in the bundle, with its licence and notices.
 * @param more modules of bundles made beside this one
 */
export const notices = (more = () => []) => ({
  name: 'notices',
  generateBundle(_options, bundle) {
    const modules = Object.values(bundle).flatMap((chunk) =>
      Object.entries(chunk.modules ?? {}).flatMap(([id, { renderedLength }]) =>
        renderedLength > 0 ? [id] : [],
      ),
    );
    const folders = new Set([...modules, ...more()].flatMap(packageOf));
    const texts = [...folders].map(noticeOf).sort();
    const head = `mltrack holds code of these ${texts.length} packages, under their licences.\n`;
    this.emitFile({
      type: 'asset',
      fileName: 'THIRD-PARTY-NOTICES.txt',
      source: [head, ...texts].join(`\n${'-'.repeat(80)}\n\n`),
    });
  },
});

/** The folder of the package that a module belongs to; none for our own. */
function packageOf(id) {
  const path = id.replace(/^\0/, '').replace(/\?.*$/, '');
  if (!path.includes('/node_modules/')) return [];
  for (let folder = dirname(path); ; folder = dirname(folder)) {
    const file = join(folder, 'package.json');
    // Some packages have files of that name in folders of theirs.
    if (existsSync(file) && JSON.parse(readFileSync(file, 'utf8')).version) return [folder];
    if (folder === dirname(folder)) throw new Error(`${id} belongs to no package`);
  }
}

function noticeOf(folder) {
  const { name, version, license, homepage } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  const files = readdirSync(folder).filter((file) => /^(licen[cs]e|copying|notice)(\W|$)/i.test(file));
  const texts = files.map((file) => readFileSync(join(folder, file), 'utf8').trim());
  if (texts.length === 0 && !license) throw new Error(`${name} says nothing of its licence`);
  const from = homepage ? `\n${homepage}` : '';
  return `${name} ${version}: ${license ?? 'see below'}${from}\n\n${texts.join('\n\n') || 'The package holds no text of its licence.'}\n`;
}
