import { visible } from '../check/visible.js';
import { withoutSecrets } from '../secrets.js';

/** HTML that is safe as it stands. */
export class Html {
  constructor(readonly text: string) {}
}

/** What a template takes: text is escaped, a list is joined, nothing is left out. */
export type Part = Html | string | number | null | undefined | false | readonly Part[];

/** HTML from a template whose parts are escaped, but for those that are HTML themselves. */
export const html = (strings: TemplateStringsArray, ...parts: readonly Part[]): Html =>
  new Html(strings.map((text, i) => text + (i < parts.length ? textOf(parts[i]) : '')).join(''));

function textOf(part: Part): string {
  if (part === null || part === undefined || part === false) return '';
  if (part instanceof Html) return part.text;
  if (typeof part === 'object') return part.map(textOf).join('');
  return escaped(String(part));
}

const entities: Readonly<Record<string, string>> = {
  ...{ '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' },
};

/** Without passwords; control characters and marks that turn the direction of writing are written out. */
const escaped = (text: string): string =>
  visible(withoutSecrets(text), '\n\t')
    // What no page may hold.
    .replace(/[\p{Cs}\p{NChar}]/gu, '\ufffd')
    .replace(/[&<>"']/g, (character) => entities[character] as string);
