/**
 * `CREATE TABLE` as MLflow said it, from `SHOW CREATE TABLE`, which also shows the indexes that the server made for
 * foreign keys. Said like any other they stay for ever; made by the server they go when another index serves. A key
 * whose name the server chose is said without it: the index would be called after it.
 */
export function asSaid(shown: string): string {
  const made = new Set<string>();
  for (const [, name = '', columns = ''] of shown.matchAll(
    /CONSTRAINT `([^`]+)` FOREIGN KEY \(([^()]+)\)/g,
  )) {
    const first = /`([^`]+)`/.exec(columns)?.[1] ?? '';
    made.add(keyOf(name.includes('_ibfk_') ? first : name, columns));
  }
  return shown
    .replace(/CONSTRAINT `[^`]+_ibfk_\d+` FOREIGN KEY/g, 'FOREIGN KEY')
    .replace(/^ {2}KEY `([^`]+)` \(([^()]+)\),\n/gm, (line, name: string, columns: string) =>
      made.has(keyOf(name, columns)) ? '' : line,
    );
}

const keyOf = (name: string, columns: string): string => `${name} ${columns.replaceAll(' ', '')}`;
