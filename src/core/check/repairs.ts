import type { Repair } from '../../dialects/check.js';
import type { Difference, DifferenceIn } from '../../schema/diff.js';
import {
  addCheck,
  addUnique,
  createIndex,
  createTable,
  createTrigger,
  dropCheck,
  dropIndex,
  dropTrigger,
  dropUnique,
  replacePrimaryKey,
} from '../../schema/operation.js';
import { sameColumns } from '../../schema/table.js';
import { repairColumn } from './repair-column.js';
import { repairForeignKey } from './repair-foreign-key.js';
import { by, type Sides, unrepaired, yours } from './repair-words.js';

/**
 * What puts one difference right, in the words of revisions, on the schema as it is. Each repair stands for itself;
 * `db repair` orders those of several findings, and looks at the rows first.
 */
export function repairFor(difference: Difference, sides: Sides): Repair {
  switch (difference.part) {
    case 'table':
      return repairTable(difference);
    case 'column':
      return repairColumn(difference, sides);
    case 'primaryKey':
      return repairPrimaryKey(difference);
    case 'unique':
      return repairUnique(difference, sides);
    case 'foreignKey':
      return repairForeignKey(difference, sides);
    case 'check':
      return repairCheck(difference, sides);
    case 'index':
      return repairIndex(difference);
    case 'trigger':
      return repairTrigger(difference);
  }
}

function repairTable({ wanted, found }: DifferenceIn<'table'>): Repair {
  if (!wanted) return yours('table');
  return found
    ? unrepaired('its definition cannot be read as a table: rename it away and look at it by hand')
    : by(createTable(wanted));
}

function repairPrimaryKey({ table, wanted }: DifferenceIn<'primaryKey'>): Repair {
  if (!wanted) return yours('primary key');
  return by(replacePrimaryKey(table, wanted.name ?? `${table}_pk`, wanted.columns));
}

/** One of MLflow's name on other columns is MLflow's own, changed: it makes room. */
function repairUnique({ table, wanted }: DifferenceIn<'unique'>, { expected, live }: Sides): Repair {
  if (!wanted) return yours('unique constraint');
  const namesake = live.get(table)?.uniques.find(({ name }) => name !== null && name === wanted.name);
  const isWanted = expected
    .get(table)
    ?.uniques.some(({ columns }) => namesake && sameColumns(columns, namesake.columns));
  return namesake && !isWanted
    ? by(dropUnique(table, namesake.columns), addUnique(table, wanted))
    : by(addUnique(table, wanted));
}

/** Where a server chose the names, the name of one that is gone may be another's. */
function repairCheck({ table, wanted, found }: DifferenceIn<'check'>, { live }: Sides): Repair {
  if (!wanted) return yours('check');
  const isTaken = live.get(table)?.checks.some(({ name }) => name !== null && name === wanted.name);
  if (!found) return by(addCheck(table, isTaken ? { ...wanted, name: null } : wanted));
  if (found.ofColumn)
    return unrepaired(
      `the check is a part of column ${found.ofColumn}: ALTER TABLE … MODIFY that column without it`,
    );
  return by(dropCheck(table, found.name as string), addCheck(table, wanted));
}

/** An index under another name comes again under MLflow's before it goes, because later revisions drop it by name. */
function repairIndex({ table, wanted, found, facet }: DifferenceIn<'index'>): Repair {
  if (!wanted) return yours('index');
  // What the server makes by itself it makes with the key; here the key may be there already.
  const { implicit: _made, ...index } = wanted;
  if (!found) return by(createIndex(table, index));
  return facet === 'name'
    ? by(createIndex(table, index), dropIndex(table, found.name))
    : by(dropIndex(table, found.name), createIndex(table, index));
}

function repairTrigger({ table, wanted, found }: DifferenceIn<'trigger'>): Repair {
  if (!wanted) return yours('trigger');
  return found
    ? by(dropTrigger(table, found), createTrigger(table, wanted))
    : by(createTrigger(table, wanted));
}
