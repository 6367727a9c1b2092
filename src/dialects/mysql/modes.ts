/** Modes that change what SQL text means, or let a server cut values off in silence; alternatives of a pattern. */
export const unwantedModes =
  'ANSI|ANSI_QUOTES|PIPES_AS_CONCAT|IGNORE_SPACE|NO_BACKSLASH_ESCAPES|ORACLE|DB2|MAXDB|MSSQL|POSTGRESQL';
