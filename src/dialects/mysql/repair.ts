import type { Column } from '../../schema/table.js';
import { type RepairModule, sessionLocked } from '../repair.js';
import { changedBy, type Family, familyOf } from '../retyping.js';
import { typeText } from './types.js';

/** https://dev.mysql.com/doc/refman/8.4/en/storage-requirements.html#data-types-storage-reqs-strings */
const bytes: Readonly<Record<string, number>> = { tinytext: 255, text: 65_535, mediumtext: 16_777_215 };

function family(column: Column): Family {
  const text = typeText(column.type, 'mysql');
  if (text === 'float') return { kind: 'float', bits: 24 };
  const room = bytes[text];
  return room === undefined ? familyOf(text) : { kind: 'text', characters: null, bytes: room };
}

const changes = changedBy({
  family,
  characters: (name) => `CHAR_LENGTH(${name})`,
  bytes: (name) => `OCTET_LENGTH(${name})`,
  isInteger: (name) => `${name} REGEXP '^(0|-?[1-9][0-9]{0,17})$'`,
  isDecimal: (name) => `${name} REGEXP '^-?[0-9]+([.][0-9]+)?$' AND CHAR_LENGTH(${name}) <= 15`,
  isJson: (name) => `JSON_VALID(${name})`,
  asText: (name) => `CAST(${name} AS CHAR)`,
  asInteger: (name) => `CAST(${name} AS SIGNED)`,
});

const isBinary = (column: Column): boolean =>
  /^((var)?binary|\w*blob)\b/.test(typeText(column.type, 'mysql'));

export const repair: RepairModule = {
  // Bytes stay the same bytes, and strict mode refuses those that are no text.
  changes: (name, from, to) =>
    isBinary(from) && family(to).kind === 'text'
      ? changes(name, { ...from, type: { kind: 'text', size: 'long' } }, to)
      : changes(name, from, to),
  uniqueIgnoresNull: true,
  ...sessionLocked,
};
