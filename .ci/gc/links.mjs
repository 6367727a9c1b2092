// Prints the links without a foreign key as JSON: node links.mjs DIST
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';

const { softLinks, foreignKeyRules } = await import(
  pathToFileURL(resolve(process.argv[2], 'migrations/links.js')).href
);
process.stdout.write(JSON.stringify({ softLinks, foreignKeyRules }));
