// Prints the links without a foreign key as JSON: node links.mjs
import { fileURLToPath } from 'node:url';
import { rolldown } from 'rolldown';

const bundle = await rolldown({ input: fileURLToPath(new URL('../../migrations/links.ts', import.meta.url)) });
const { output } = await bundle.generate({ format: 'esm' });
const { softLinks, foreignKeyRules } = await import(
  `data:text/javascript,${encodeURIComponent(output[0].code)}`
);
process.stdout.write(JSON.stringify({ softLinks, foreignKeyRules }));
