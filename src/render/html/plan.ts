import type { Plan } from '../../core/plan.js';
import type { LockClaim, PlannedRevision } from '../../core/planned.js';
import type { DatabaseFacts } from '../../core/report-facts.js';
import { lockText } from '../plan.js';
import { count } from '../sentences.js';
import { bytes, durations, rows } from '../units.js';
import { sizesSection } from './chart.js';
import { type Html, html, type Part } from './html.js';
import type { Content } from './page.js';
import { badge, code, details, facts, list, name, section, table, tiles } from './parts.js';
import { timelineSection } from './timeline.js';

/** The page of a plan. The tables that it counted have its numbers. */
export function planPage(plan: Plan, { timeline, tables }: DatabaseFacts): Content {
  const counted = new Map(plan.tables.map((one) => [one.table, one]));
  const sizes = tables?.map((one) => ({ ...one, ...counted.get(one.table) })) ?? null;
  return {
    title: 'Upgrade plan',
    verdict: verdictOf(plan),
    facts: [
      ['Database', name(plan.database)],
      ['Server', plan.server],
      [
        'Now',
        plan.from.revision === null
          ? plan.from.written
          : html`revision <code>${plan.from.revision}</code>, ${plan.from.written}`,
      ],
      [
        'Then',
        html`revision <code>${plan.to.revision}</code>, first in MLflow ${plan.to.release}; ${plan.afterwards}`,
      ],
      [
        'MLflow in use',
        plan.mlflow && `${plan.mlflow.sentence}${plan.mlflow.todo ? `: ${plan.mlflow.todo}` : ''}`,
      ],
      ['Exit code', String(plan.exitCode)],
    ],
    body: [
      plan.steps.length > 0 && numbers(plan),
      section('Stands in the way', list(plan.reasons)),
      section(
        'Must be agreed to',
        list(
          plan.questions.map(
            ({ key, meaning }) => html`${meaning} <span class="dim whole">(--yes or --confirm ${key})</span>`,
          ),
        ),
      ),
      losses(plan),
      section('Notes', list(plan.notes)),
      timelineSection(timeline, true),
      costs(plan),
      sizesSection(sizes),
      locks(plan),
      plan.creates
        ? created(plan)
        : section(
            'Revision by revision',
            plan.revisions.map((one) => revision(plan, one)),
          ),
    ],
  };
}

function verdictOf(plan: Plan): Content['verdict'] {
  const { reasons, questions, discards, revisions } = plan;
  if (plan.exitCode !== 0)
    return {
      tone: 'bad',
      text: `It cannot be upgraded as it stands, for ${count(reasons.length, 'reason')}`,
    };
  if (plan.steps.length === 0) return { tone: 'good', text: 'Nothing to do: it is there already' };
  const what = plan.creates
    ? 'The tables would be created at once'
    : `The upgrade would pass ${count(revisions.length, 'revision')}`;
  const but = [
    ...(questions.length > 0 ? [`${count(questions.length, 'thing')} must be agreed to first`] : []),
    ...(discards.length > 0 ? ['something is lost by MLflow’s own migration'] : []),
  ];
  if (but.length === 0) return { tone: 'good', text: `${what}; nothing stands in its way` };
  return { tone: 'attention', text: `${what}; ${but.join(', and ')}` };
}

function numbers(plan: Plan): Html {
  const fixed = plan.revisions.filter(({ irreversible }) => irreversible !== null).length;
  const actions = plan.steps.flatMap((step) => step.actions);
  const works = actions.filter(({ sql }) => sql === null).length;
  const lost = plan.discards.reduce((sum, one) => sum + one.count, 0);
  const { disk } = plan;
  const short = disk !== null && disk.free !== null && disk.free < disk.needed;
  return tiles([
    [String(plan.revisions.length), 'revisions to pass'],
    plan.creates || fixed === 0
      ? ['0', 'of them cannot be undone']
      : [String(fixed), 'of them cannot be undone', 'attention'],
    [rows(actions.length - works), 'statements'],
    [String(works), 'works on rows'],
    [plan.seconds ? durations(plan.seconds) : 'not known', 'about so long'],
    [disk ? bytes(disk.needed) : 'not known', 'of disk while it runs', short ? 'bad' : undefined],
    [rows(lost), 'values lost', lost > 0 ? 'attention' : undefined],
  ]);
}

const losses = ({ discards }: Plan): Part =>
  discards.length > 0 &&
  section(
    'What is lost',
    table(
      'What MLflow’s own migration loses of this database, and so does this one',
      [{ title: 'Revision' }, { title: 'What' }, { title: 'Count', number: true }, { title: 'Such as' }],
      discards.map(({ revision: id, what, count: n, examples }) => [
        html`<code>${id}</code>`,
        what,
        rows(n),
        examples.slice(0, 5).join('; '),
      ]),
    ),
  );

function costs({ seconds, disk }: Plan): Part {
  if (!seconds && !disk) return null;
  const free =
    disk && (disk.free === null ? `free: ${disk.where}` : `${bytes(disk.free)} free in ${disk.where}`);
  return section(
    'Time and disk',
    facts([
      ['Time', seconds && html`${durations(seconds)}<br><span class="dim">${seconds.basis}</span>`],
      ['Disk', disk && html`${bytes(disk.needed)} needed, ${free}<br><span class="dim">${disk.basis}</span>`],
    ]),
  );
}

const words = { nothing: 'nobody', writers: 'writers', everyone: 'readers and writers' } as const;
const tones = { nothing: 'good', writers: 'attention', everyone: 'bad' } as const;
const hardest = ['nothing', 'writers', 'everyone'] as const;

/** The hardest lock on each table, and what for. */
function locks({ steps }: Plan): Part {
  const byTable = new Map<string, LockClaim[]>();
  for (const claim of steps.flatMap((step) => step.actions.flatMap((action) => action.locks)))
    byTable.set(claim.table, [...(byTable.get(claim.table) ?? []), claim]);
  if (byTable.size === 0) return null;
  const sum = [...byTable].map(([of, claims]) => {
    const blocks = hardest[Math.max(...claims.map((claim) => hardest.indexOf(claim.blocks)))] ?? 'nothing';
    const kinds = [...new Set(claims.filter((claim) => claim.blocks === blocks).map((claim) => claim.lock))];
    return { of, blocks, kinds, times: claims.length };
  });
  sum.sort((a, b) => hardest.indexOf(b.blocks) - hardest.indexOf(a.blocks));
  const waiting = sum.filter(({ blocks }) => blocks !== 'nothing');
  const free = sum.length - waiting.length;
  return section(
    'Who waits',
    waiting.length > 0 &&
      table(
        'The hardest lock on each table; each statement’s stands with it below',
        [
          { title: 'Table' },
          { title: 'Has to wait' },
          { title: 'Lock' },
          { title: 'Locks taken', number: true },
        ],
        waiting.map(({ of, blocks, kinds, times }) => [
          name(of),
          badge(tones[blocks], words[blocks]),
          kinds.join(', '),
          rows(times),
        ]),
      ),
    free > 0 && html`<p>For ${count(free, waiting.length > 0 ? 'other table' : 'table')} nobody waits.</p>`,
  );
}

/** A fresh database: all statements in one. */
const created = ({ steps }: Plan): Part =>
  section(
    'Statements',
    steps.flatMap(({ actions }) => actions.map(({ title, sql }) => details(title, code(sql ?? '')))),
  );

function revision(
  { steps }: Plan,
  { revision: id, release, title, irreversible, steps: places, meanwhile }: PlannedRevision,
): Html {
  const own = places.map((place) => steps[place]).filter((step) => step?.revisions.at(-1) === id);
  const other = places
    .map((place) => steps[place]?.revisions.at(-1))
    .find((last) => last !== undefined && last !== id);
  const actions = own.flatMap((step) => step?.actions ?? []);
  const working = own.some((step) => step?.kind !== 'stamp');
  return html`<article${irreversible && html` class="attention"`}><h3><code>${id}</code> ${title} <span class="dim">MLflow ${release}</span>${
    irreversible && html` ${badge('attention', 'cannot be undone')}`
  }${other && html` <span class="dim">· together with ${other}</span>`}</h3>${irreversible && html`<p>${irreversible.why}</p>`}${
    working && html`<p class="dim">${meanwhile}</p>`
  }${
    actions.length > 0 &&
    details(
      count(actions.length, 'step'),
      actions.map(({ title: what, sql, rowSql = [], locks: claims, reads, writes }) => [
        sql === null
          ? html`<p>Rows: ${what}; reads ${(reads ?? []).join(', ')}${writes?.length ? `, writes ${writes.join(', ')}` : ''}${rowSql.length === 0 && '; read in pages and written back, in batches'}</p>`
          : code(sql),
        rowSql.map(code),
        claims.map((claim) => html`<p class="dim">${lockText(claim)}</p>`),
      ]),
    )
  }</article>\n`;
}
