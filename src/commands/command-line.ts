import { word } from '../dialects/shell.js';
import { withoutSecrets } from '../render/secrets.js';

/** What was typed, for a shell to read, without passwords. @param words after the program's name */
export const commandLine = (words: readonly string[]): string =>
  ['mltrack', ...words.map((one) => word(withoutSecrets(bare(one))))].join(' ');

/** A URI without its password, which ends at the last @, and without what a query may hold of secrets. */
const bare = (text: string): string =>
  text
    .replace(/(\w:\/\/[^:/@?#]*:).*@/s, '$1***@')
    .replace(/([?&][^=&]*(?:pass|pwd|secret|token|sig|key|credential|odbc_connect)[^=&]*=)[^&]*/gi, '$1***');
