import { array, check, forward, nonEmpty, optional, pipe, strictObject, string, trim } from 'valibot';
import { type Ignores, matches } from './ignores.js';
import { ruleIds } from './rules.js';
import { readYamlFile } from './yaml-file.js';

const word = pipe(string(), nonEmpty('is empty'));

/** ISO 8601, and a day that there is. */
const day = pipe(
  string(),
  check(
    (text) =>
      /^\d{4}-\d{2}-\d{2}$/.test(text) &&
      !Number.isNaN(Date.parse(text)) &&
      new Date(text).toISOString().startsWith(text),
    'is not a date such as 2027-01-31',
  ),
);

const rule = pipe(
  string(),
  check((text) => ruleIds.some((id) => matches(text, id)), 'no rule is called so'),
);

const schema = array(
  pipe(
    strictObject({
      id: optional(
        pipe(
          string(),
          check(
            (text) => ruleIds.some((one) => matches(text.split(':')[0] as string, one)),
            'no rule is called so',
          ),
        ),
      ),
      rule: optional(rule),
      table: optional(word),
      name: optional(word),
      database: optional(word),
      reason: pipe(string(), trim(), nonEmpty('is empty: say why')),
      expires: optional(day),
    }),
    forward(
      check(
        ({ id, rule: one }) => (id === undefined) !== (one === undefined),
        'each entry has an id or a rule',
      ),
      ['id'],
    ),
  ),
);

const keys = [
  'keys of an entry: id or rule, table, name, database, reason, expires',
  'docs/check.md lists the rules; the text of a finding begins with its id',
];

/** Reads an ignore file (docs/check.md). @throws exit 2, naming the file, the line and the key */
export async function readIgnores(file: string): Promise<Ignores> {
  const { value, lineOf } = await readYamlFile(file, schema, keys);
  return value.map((entry, i) => ({ ...entry, where: `${file}:${lineOf([i])}` }));
}
