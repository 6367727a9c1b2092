/**
 * Takes passwords out of text that quotes what the user typed: a URI where a command, option or target was expected,
 * or the value of an option that does not exist.
 */
export const withoutSecrets = (text: string): string =>
  text
    .replace(/(\w:\/\/[^\s:/@'"]*:)[^\s'"]*@/g, '$1***@')
    .replace(/([?&](?:password|pwd|odbc_connect)=)[^\s&'"]*/gi, '$1***')
    .replace(/(unknown option '--?[\w-]+=).*'/g, "$1***'");
