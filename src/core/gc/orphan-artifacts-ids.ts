import type { OrphanKind } from './orphan-artifacts-types.js';

/**
 * Ids as MLflow makes them: a run's is `uuid4().hex`, a logged model's `m-` and the same (sqlalchemy_store.py:
 * create_run, create_logged_model), a trace's `tr-` and 32 digits (tracing/utils: generate_mlflow_trace_id…), before
 * MLflow 3 without the `tr-`.
 */
const hex = '[0-9a-f]{32}';

/** What a folder must be called: a run's in the location itself, the others below `models` and `traces` there. */
export const idShapes: Readonly<Record<OrphanKind, RegExp>> = {
  run: new RegExp(`^${hex}$`),
  model: new RegExp(`^m-${hex}$`),
  trace: new RegExp(`^(?:tr-)?${hex}$`),
};

const segments = new RegExp(`(?<=^|[/\\\\:])(?:m-|tr-)?${hex}(?=[/\\\\?#]|$)`, 'gi');

/** Every such id that is a whole segment of a location, also of one that is percent-encoded. */
export function idsInPlace(uri: string): string[] {
  const found = new Set<string>();
  for (const text of uri.includes('%') ? [uri, decoded(uri)] : [uri])
    for (const [id] of text.matchAll(segments)) found.add(id.toLowerCase());
  return [...found];
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    // A bare %: the text is what it is.
    return text;
  }
}
