import type { GcPlan, PlanChoices } from '../../core/gc/plan.js';
import type { Chosen } from '../../core/gc/plan-select.js';
import type { DatabaseFacts } from '../../core/report-facts.js';
import type { Collected } from '../gc.js';
import { orphanWords } from '../gc-orphan-artifacts.js';
import { kindsOf, sumOf } from '../gc-words.js';
import { count } from '../sentences.js';
import { bytes, duration, rows } from '../units.js';
import { sizesSection } from './chart.js';
import { foldersSection, goingSection, keptSection, moment, rowsSection } from './gc-lists.js';
import { html, type Part } from './html.js';
import type { Content } from './page.js';
import { list, name, section, table, tiles } from './parts.js';
import { timelineSection } from './timeline.js';

const zero = { run: 0, model: 0, experiment: 0, job: 0 };

/** The page of a collection that was only planned. @param known null: a file store, which has no revision and no tables */
export function gcPlanPage(plan: GcPlan, server: string, known: DatabaseFacts | null): Content {
  const { items, kept, artifacts, orphans, identity, missingRoots } = plan;
  const counts = { ...zero };
  for (const { kind } of items) counts[kind]++;
  const all = sumOf(Object.values(plan.rows));
  const found = plan.orphanArtifacts ?? null;
  const open = found?.orphans.filter(({ keep }) => keep === null) ?? [];
  const warned = (artifacts?.unknown ?? 0) > 0;
  const folders = found?.delete && open.length > 0 ? ` and ${orphanWords(open)}` : '';
  return {
    title: 'Collection, dry run',
    verdict: {
      tone: items.length === 0 && folders === '' ? 'good' : 'attention',
      text: `${kindsOf(counts)}${folders} would be deleted for good; nothing was deleted`,
    },
    facts: [...placeFacts(identity.place, server, identity.revision), ...choiceFacts(plan.choices)],
    body: [
      tiles([
        [rows(items.length), 'items would go'],
        [rows(kept.length), 'items would stay'],
        ...(identity.revision === null ? [] : ([[rows(all), 'rows would go']] as const)),
        ...(artifacts
          ? ([
              [rows(artifacts.files), 'files would go'],
              [bytes(artifacts.bytes), 'of artifacts'],
            ] as const)
          : ([['kept', 'artifacts']] as const)),
        ...(warned ? ([[rows(artifacts?.unknown ?? 0), 'items not counted', 'attention']] as const) : []),
      ]),
      section(
        'Directories that are not here',
        list(
          missingRoots.map(
            ({ root, items: n, empty }) =>
              html`${name(root)}: ${count(n, 'item')}${empty ? ', and it is empty' : ''}`,
          ),
        ),
      ),
      rowsSection(
        'Rows that would go',
        'would go',
        new Map(Object.entries(plan.rows)),
        known?.tables ?? null,
        0,
      ),
      orphans &&
        section(
          'Rows that point nowhere',
          orphans.length === 0
            ? html`<p>None.</p>`
            : table(
                'Rows that earlier collections left behind',
                [{ title: 'Link' }, { title: 'Rows', number: true }],
                orphans.map(({ link, rows: n }) => [name(link), rows(n)]),
              ),
        ),
      foldersSection(
        found?.delete ? 'Folders that belong to nothing and would go' : 'Folders that belong to nothing',
        open,
      ),
      foldersSection(
        'Folders that belong to nothing and stay',
        found?.orphans.filter(({ keep }) => keep !== null) ?? [],
      ),
      goingSection('Would go', items),
      keptSection('Would stay', kept),
      known && sizesSection(known.tables),
      known && timelineSection(known.timeline, false),
    ],
  };
}

/** The page of a collection that was carried out. @param items what was chosen */
export function gcDonePage(
  done: Collected & { readonly items: readonly Chosen[]; readonly choices: PlanChoices },
  known: DatabaseFacts | null,
): Content {
  const { report, place, server, revision, seconds, items, choices } = done;
  const { gone, failed, kept, left, orphans, orphanArtifacts, artifacts, vacuumed, notVacuumed } = report;
  const all = sumOf(report.rows.values());
  const folders =
    orphanArtifacts && orphanArtifacts.gone.length > 0 ? ` and ${orphanWords(orphanArtifacts.gone)}` : '';
  const stayed = failed.length + kept.length + (orphanArtifacts?.failed.length ?? 0);
  const gap = stayed > 0 ? `; ${count(stayed, 'item')} that had been chosen stayed` : '';
  const still = new Set([...failed, ...kept].map(({ item }) => `${item.kind} ${item.id}`));
  const went = items.filter(({ kind, id }) => !still.has(`${kind} ${id}`));
  return {
    title: 'Collection',
    verdict: {
      tone: failed.length > 0 ? 'bad' : stayed > 0 ? 'attention' : 'good',
      text:
        report.done === 0 && folders === ''
          ? `Nothing was deleted${gap}`
          : `${kindsOf(gone)}${folders} deleted for good${gap}`,
    },
    facts: [
      ...placeFacts(place, server, revision),
      ...choiceFacts(choices),
      ['Took', duration(seconds)],
      ['Space given back', vacuumed ?? (notVacuumed.length > 0 ? `no: ${notVacuumed.join('; ')}` : null)],
    ],
    body: [
      tiles([
        [rows(report.done), 'items are gone'],
        stayed > 0 ? [rows(stayed), 'chosen, and still there', 'bad'] : ['0', 'chosen, and still there'],
        [rows(left.length), 'not chosen'],
        ...(revision === null ? [] : ([[rows(all), 'rows are gone']] as const)),
        [rows(artifacts.files), 'files are gone'],
        [bytes(artifacts.bytes), 'of artifacts'],
      ]),
      keptSection('Chosen, and still there', [
        ...failed.map(({ item, why }) => ({ item, reason: why })),
        ...kept,
      ]),
      foldersSection(
        'Folders that belong to nothing and are still there',
        orphanArtifacts?.failed.map(({ orphan, why }) => ({ ...orphan, keep: why })) ?? [],
      ),
      rowsSection('Rows that went', 'gone', report.rows, known?.tables ?? null, 1),
      orphans && rowsSection('Rows that pointed nowhere', 'gone', orphans, null, 1),
      foldersSection('Folders that belonged to nothing and went', orphanArtifacts?.gone ?? []),
      foldersSection(
        'Folders that belong to nothing',
        orphanArtifacts && !orphanArtifacts.found.delete ? orphanArtifacts.found.orphans : [],
      ),
      goingSection('Went', went),
      keptSection('Not chosen', left),
      known && sizesSection(known.tables),
      known && timelineSection(known.timeline, false),
    ],
  };
}

const placeFacts = (place: string, server: string, revision: string | null): (readonly [string, Part])[] => [
  [revision === null ? 'File store' : 'Database', name(place)],
  ['Server', revision === null ? null : server],
  ['Revision', revision && html`<code>${revision}</code>`],
];

const choiceFacts = ({ cutoff, workspace, keepArtifacts }: PlanChoices): (readonly [string, Part])[] => [
  ['Deleted up to', cutoff === null ? 'now (no age limit)' : moment(cutoff)],
  ['Workspace', workspace && name(workspace)],
  ['Artifacts', keepArtifacts ? 'are kept' : 'go with their items'],
];
