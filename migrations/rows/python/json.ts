/**
 * What `json.loads` returns: an int is a bigint, a float is a number, a dict is a Map in the order of first
 * insertion.
 */
export type PythonJson = null | boolean | bigint | number | string | PythonJson[] | Map<string, PythonJson>;

/**
 * `json.loads(text)`, or undefined where it raises ValueError.
 *
 * Unlike `JSON.parse` it takes NaN, Infinity and -Infinity, keeps integers exact and apart from floats, and refuses
 * integers of more than 4,300 digits (CPython's `sys.int_info.default_max_str_digits`). Alike are: the last of equal
 * keys wins, `1e400` is infinite, lone surrogates may be escaped, control characters in strings and a leading byte
 * order mark are refused. Nesting may be of any depth, where Python raises RecursionError at about 1,000.
 *
 * Own code, because no library that we keep tells `1` from `1.0` and reads NaN too.
 */
export const parseJson = (text: string): PythonJson | undefined => new Reader(text).document();

/** CPython refuses to convert longer integers since 3.10.7. */
const MAX_INTEGER_DIGITS = 4300;

const NUMBER = /(-?(?:0|[1-9]\d*))(\.\d+)?([eE][+-]?\d+)?/y;

const LITERALS = new Map<string, PythonJson>([
  ['null', null],
  ['true', true],
  ['false', false],
  ['NaN', Number.NaN],
  ['Infinity', Number.POSITIVE_INFINITY],
  ['-Infinity', Number.NEGATIVE_INFINITY],
]);

const ESCAPES: Readonly<Record<string, string>> = {
  '"': '"',
  '\\': '\\',
  '/': '/',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
};

type Open =
  | { readonly close: ']'; readonly value: PythonJson[] }
  | { readonly close: '}'; readonly value: Map<string, PythonJson>; key: string };

/** Keeps the open containers in a list of its own, so that no input exhausts the stack. */
class Reader {
  private at = 0;

  constructor(private readonly text: string) {}

  document(): PythonJson | undefined {
    const open: Open[] = [];
    for (;;) {
      const value = this.start(open);
      if (value === undefined) return undefined;
      if (value === OPENED) continue;
      const end = this.finish(value, open);
      if (end !== OPENED) return end;
    }
  }

  /** A scalar or an empty container; or opens a container, of which the first value is due. */
  private start(open: Open[]): PythonJson | typeof OPENED | undefined {
    this.space();
    if (this.take('[')) {
      this.space();
      if (this.take(']')) return [];
      open.push({ close: ']', value: [] });
      return OPENED;
    }
    if (this.take('{')) {
      this.space();
      if (this.take('}')) return new Map();
      const key = this.key();
      if (key === undefined) return undefined;
      open.push({ close: '}', value: new Map(), key });
      return OPENED;
    }
    return this.scalar();
  }

  /** Puts a value into its container and closes what ends there; OPENED where another value is due. */
  private finish(value: PythonJson, open: Open[]): PythonJson | typeof OPENED | undefined {
    let whole = value;
    for (;;) {
      this.space();
      const parent = open.at(-1);
      if (!parent) return this.at === this.text.length ? whole : undefined;
      if (parent.close === ']') parent.value.push(whole);
      else parent.value.set(parent.key, whole);
      if (this.take(',')) {
        if (parent.close === ']') return OPENED;
        this.space();
        const key = this.key();
        if (key === undefined) return undefined;
        parent.key = key;
        return OPENED;
      }
      if (!this.take(parent.close)) return undefined;
      open.pop();
      whole = parent.value;
    }
  }

  private key(): string | undefined {
    if (!this.take('"')) return undefined;
    const key = this.string();
    this.space();
    return this.take(':') ? key : undefined;
  }

  private scalar(): PythonJson | undefined {
    if (this.take('"')) return this.string();
    NUMBER.lastIndex = this.at;
    const number = NUMBER.exec(this.text);
    if (number) {
      this.at = NUMBER.lastIndex;
      if (number[2] !== undefined || number[3] !== undefined) return Number(number[0]);
      const integer = number[1]!;
      const digits = integer.startsWith('-') ? integer.length - 1 : integer.length;
      return digits > MAX_INTEGER_DIGITS ? undefined : BigInt(integer);
    }
    for (const [word, value] of LITERALS) if (this.take(word)) return value;
    return undefined;
  }

  /** The rest of a string whose opening quote is taken. */
  private string(): string | undefined {
    let value = '';
    for (;;) {
      const from = this.at;
      let unit = this.text.charCodeAt(this.at);
      while (unit >= 0x20 && unit !== 0x22 && unit !== 0x5c) unit = this.text.charCodeAt(++this.at);
      value += this.text.slice(from, this.at);
      if (this.take('"')) return value;
      if (!this.take('\\')) return undefined;
      const escaped = this.escape();
      if (escaped === undefined) return undefined;
      value += escaped;
    }
  }

  private escape(): string | undefined {
    const letter = this.text.charAt(this.at++);
    if (letter !== 'u') return ESCAPES[letter];
    const digits = this.text.slice(this.at, this.at + 4);
    if (!/^[0-9a-fA-F]{4}$/.test(digits)) return undefined;
    this.at += 4;
    return String.fromCharCode(Number.parseInt(digits, 16));
  }

  private take(word: string): boolean {
    if (!this.text.startsWith(word, this.at)) return false;
    this.at += word.length;
    return true;
  }

  /** JSON's own whitespace, not Python's. */
  private space(): void {
    for (;;) {
      const unit = this.text.charCodeAt(this.at);
      if (unit !== 0x20 && unit !== 0x0a && unit !== 0x0d && unit !== 0x09) return;
      this.at++;
    }
  }
}

const OPENED = Symbol('opened');
