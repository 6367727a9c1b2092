import { type RepairModule, sessionLocked } from '../repair.js';
import { changedBy, familyOf } from '../retyping.js';
import { typeText } from './types.js';

export const repair: RepairModule = {
  changes: changedBy({
    family: (column) => {
      const text = typeText(column.type).toLowerCase();
      // FLOAT without a precision has 53 bits.
      return text === 'float' ? { kind: 'float', bits: 53 } : familyOf(text);
    },
    // LEN leaves spaces at the end out.
    characters: (name) => `(LEN(${name} + N'.') - 1)`,
    bytes: (name) => `DATALENGTH(${name})`,
    isInteger: (name) => `CAST(TRY_CAST(${name} AS bigint) AS nvarchar(20)) = ${name}`,
    isDecimal: (name) =>
      `LEN(${name}) <= 15 AND ${name} NOT LIKE '%[^0-9.-]%' AND TRY_CAST(${name} AS float) IS NOT NULL`,
    isJson: (name) => `ISJSON(${name}) = 1`,
    asText: (name) => `CAST(${name} AS nvarchar(max))`,
    asInteger: (name) => `TRY_CAST(${name} AS bigint)`,
  }),
  uniqueIgnoresNull: false,
  ...sessionLocked,
};
