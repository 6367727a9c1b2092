import type { TimelineEntry } from '../../core/report-facts.js';
import { count } from '../sentences.js';
import { type Html, html, type Part } from './html.js';
import { details, section, table } from './parts.js';

const step = 12;

/** Where the database stands among MLflow's revisions, and what is ahead. */
export function timelineSection(entries: readonly TimelineEntry[], upgrade: boolean): Part {
  const of = (place: TimelineEntry['place']) => entries.filter((entry) => entry.place === place);
  const [ahead, beyond] = [of('ahead'), of('beyond')];
  const had = entries.filter(({ place }) => place === 'passed' || place === 'here');
  return section(
    'Timeline of revisions',
    html`<p>${sentence(entries, upgrade)}</p>`,
    drawn(entries, sentence(entries, upgrade)),
    html`<ul class="legend"><li><span class="key passed"></span>has</li><li><span class="key here"></span>stands here</li><li><span class="key ahead"></span>ahead</li><li><span class="key irreversible"></span>ahead, cannot be undone</li>${
      beyond.length > 0 && html`<li><span class="key beyond"></span>not part of this upgrade</li>`
    }</ul>`,
    // A plan tells those that are ahead one by one.
    ahead.length > 0 &&
      !upgrade &&
      details(`${count(ahead.length, 'revision')} ahead`, listed('Ahead', ahead)),
    beyond.length > 0 &&
      details(`${count(beyond.length, 'revision')} after the target`, listed('After it', beyond)),
    had.length > 0 && details(`${count(had.length, 'revision')} that it has`, listed('It has', had)),
  );
}

/** The picture in words; a picture has them as its text. */
function sentence(entries: readonly TimelineEntry[], upgrade: boolean): string {
  const at = entries.findIndex(({ place }) => place === 'here');
  const here = entries[at];
  const ahead = entries.filter(({ place }) => place === 'ahead');
  const fixed = ahead.filter(({ irreversible }) => irreversible !== null).length;
  const stands = here
    ? `The database stands at revision ${here.revision} (first in MLflow ${here.release}), ${at + 1} of ${entries.length}.`
    : `The database stands before the first of ${entries.length} revisions.`;
  const last = ahead.at(-1);
  if (!last)
    return `${stands} ${at === entries.length - 1 ? 'It is at the head.' : 'Nothing is to be passed.'}`;
  const what = `${count(ahead.length, 'revision')} to ${last.revision} (MLflow ${last.release})`;
  const undone = fixed === 0 ? 'all can be undone' : `${fixed} of them cannot be undone`;
  return `${stands} ${upgrade ? `The upgrade passes ${what}` : `Ahead: ${what}`}; ${undone}.`;
}

/** One block a revision; what cannot be undone is taller, where the database stands has a mark above. */
function drawn(entries: readonly TimelineEntry[], text: string): Html {
  const width = entries.length * step;
  const blocks = entries.map(({ place, irreversible, revision, title, release }, i) => {
    const hard = place === 'ahead' && irreversible !== null;
    const [y, height] = hard ? [16, 34] : [22, 22];
    const kind = hard ? 'irreversible' : place;
    return html`<rect class="${kind}" x="${i * step + 1}" y="${y}" width="${step - 2}" height="${height}" rx="2"><title>${revision}: ${title} (MLflow ${release})</title></rect>`;
  });
  const at = entries.findIndex(({ place }) => place === 'here');
  const x = (at + 0.5) * step;
  const mark = html`<path class="mark" d="M${x - 6} 2h12l-6 11z"/>`;
  return html`<figure><svg class="timeline" viewBox="-8 0 ${width + 16} 54" role="img" aria-label="${text}">${mark}${blocks}</svg><figcaption><span>MLflow ${entries[0]?.release}</span><span>MLflow ${entries.at(-1)?.release}</span></figcaption></figure>`;
}

const listed = (caption: string, entries: readonly TimelineEntry[]): Html =>
  table(
    caption,
    [{ title: 'Revision' }, { title: 'What it does' }, { title: 'MLflow' }, { title: 'Can be undone' }],
    entries.map(({ revision, title, release, irreversible }) => [
      html`<code class="whole">${revision}</code>`,
      title,
      release,
      irreversible === null ? 'yes' : html`<strong>no:</strong> ${irreversible}`,
    ]),
  );
