import { createHash } from 'node:crypto';
import { Html, html, type Part } from './html.js';
import { facts } from './parts.js';
import { style } from './style.js';

/** `good`: all is well; `attention`: read on before you go on; `bad`: it fails. */
export type Tone = 'good' | 'attention' | 'bad';

/** What a command puts on a page. */
export interface Content {
  /** "Upgrade plan". */
  readonly title: string;
  readonly verdict: { readonly tone: Tone; readonly text: string; readonly more?: Part };
  /** Of the database, or the databases. */
  readonly facts: readonly (readonly [string, Part])[];
  readonly body: Part;
}

/** Where a page comes from. */
export interface Source {
  /** What was typed, without passwords. */
  readonly commandLine: string;
  /** Of mltrack. */
  readonly version: string;
  /** Milliseconds since the epoch. */
  readonly madeAt: number;
}

const marks: Readonly<Record<Tone, string>> = { good: '✔', attention: '!', bad: '✘' };

/**
 * A page that stands alone: nothing is fetched, nothing runs, and its policy allows neither. The one style sheet is
 * allowed by its hash.
 */
export function page({ title, verdict, facts: own, body }: Content, source: Source): string {
  const sheet = style.trim();
  const hash = createHash('sha256').update(sheet).digest('base64');
  const policy = `default-src 'none'; style-src 'sha256-${hash}'; base-uri 'none'; form-action 'none'`;
  const made = new Date(source.madeAt).toISOString().replace(/\.\d+Z$/, 'Z');
  return html`<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="referrer" content="no-referrer">
<meta name="generator" content="mltrack ${source.version}">
<title>${title}: ${verdict.text}</title>
<style>${new Html(sheet)}</style>
</head>
<body>
<header>
<p class="kind">mltrack · ${title}</p>
<h1 class="verdict ${verdict.tone}"><span class="sign" aria-hidden="true">${marks[verdict.tone]}</span> <span>${verdict.text}</span></h1>
${verdict.more}
${facts([
  ...own,
  [
    'Made',
    html`<time datetime="${made}">${made.replace('T', ' ').replace('Z', ' UTC')}</time> by mltrack ${source.version}`,
  ],
  ['Command', html`<code>${source.commandLine}</code>`],
])}
</header>
<main>
${body}
</main>
</body>
</html>
`.text;
}
