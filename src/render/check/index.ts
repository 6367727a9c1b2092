import { Chalk, type ChalkInstance } from 'chalk';
import type { CheckOutcome } from '../../core/check/report.js';
import { withoutSecrets } from '../secrets.js';
import { columns } from '../wrap.js';
import type { Printed } from './printed.js';

export type { Printed } from './printed.js';

export const formats = ['text', 'json', 'sarif', 'junit', 'github', 'markdown'] as const;
export type Format = (typeof formats)[number];

/** One lazy import a format. */
const renderers: Readonly<
  Record<Format, (printed: Printed, chalk: ChalkInstance | undefined) => Promise<string>>
> = {
  text: async (printed, chalk) => {
    const { renderText } = await import('./text.js');
    return renderText(
      printed,
      chalk ?? new Chalk({ level: 0 }),
      chalk ? columns() : Number.POSITIVE_INFINITY,
    );
  },
  json: async (printed) => (await import('./json.js')).renderJson(printed),
  sarif: async (printed) => (await import('./sarif.js')).renderSarif(printed),
  junit: async (printed) => (await import('./junit.js')).renderJunit(printed),
  github: async (printed) => (await import('./github.js')).renderGithub(printed),
  markdown: async (printed) => (await import('./markdown.js')).renderMarkdown(printed),
};

/** What was found, in a format. In colours and as wide as the terminal only where `chalk` is given. */
export const render = (format: Format, printed: Printed, chalk?: ChalkInstance): Promise<string> =>
  renderers[format]({ ...printed, outcomes: printed.outcomes.map(safe) }, chalk);

/** A driver may quote what it was given. */
const safe = (outcome: CheckOutcome): CheckOutcome =>
  outcome.event === 'check' ? outcome : { ...outcome, message: withoutSecrets(outcome.message) };
