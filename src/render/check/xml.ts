import { visible } from './visible.js';

/** A piece of XML that is escaped already. */
export type Xml = { readonly xml: string };

/** An element; text is escaped, pieces are not escaped again. */
export function element(
  name: string,
  attributes: Readonly<Record<string, string>>,
  content: string | readonly Xml[] = [],
): Xml {
  const start = [
    name,
    ...Object.entries(attributes).map(([key, value]) => `${key}="${attribute(value)}"`),
  ].join(' ');
  if (content.length === 0) return { xml: `<${start}/>` };
  const inner =
    typeof content === 'string' ? text(content) : `\n${content.map(({ xml }) => xml).join('\n')}\n`;
  return { xml: `<${start}>${inner}</${name}>` };
}

export const xmlDocument = ({ xml }: Xml): string => `<?xml version="1.0" encoding="UTF-8"?>\n${xml}\n`;

/** XML 1.0 has no place for control characters, lone surrogates and two more, not even as `&#1;` (section 2.2). */
const allowed = (value: string): string =>
  visible(value, '\n\t').replace(/[\ufffe\uffff]|\p{Surrogate}/gu, '\ufffd');

const text = (value: string): string =>
  allowed(value).replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');

/** In an attribute a reader turns a line break into a space unless it is written as a number (section 3.3.3). */
const attribute = (value: string): string =>
  text(value).replaceAll('"', '&quot;').replaceAll('\n', '&#10;').replaceAll('\t', '&#9;');
