/** A name, and a word that YAML takes as it stands: no quotes, marks or comments in it. */
const line =
  /^([A-Za-z_]\w*): (?:([A-Za-z0-9_/.][\w/.:%+@=~-]*(?: [\w/.%+@=~][\w/.:%+@=~-]*)*)|'([^'\n]*)'|(\[\]|\{\}))$/;
/** What means nothing without quotes. */
const none = /^(~|null|Null|NULL)$/;

/**
 * The scalars of a meta.yaml that MLflow wrote, which has one on each line, without a parser: fifty thousand keep that
 * busy for long. null: there is anything in it that needs one.
 */
export function plainFields(text: string): Map<string, string | null> | null {
  const fields = new Map<string, string | null>();
  for (const one of text.replace(/\n+$/, '').split('\n')) {
    const match = line.exec(one);
    const [, key, word, quoted, empty] = match ?? [];
    // A name that is there twice is an error, and so is a name in a word.
    if (key === undefined || fields.has(key) || /:( |$)/.test(word ?? '')) return null;
    if (empty === undefined) fields.set(key, quoted ?? (word === undefined || none.test(word) ? null : word));
  }
  return fields;
}
