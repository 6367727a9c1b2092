/** What a server of SQL Server's protocol says and hears (MS-TDS); only as much as one session needs. */

export type Cell = string | number | boolean | null;
export type Answer = readonly Readonly<Record<string, Cell>>[] | { error: number; message: string };

const u16 = (value: number): Buffer => {
  const bytes = Buffer.alloc(2);
  bytes.writeUInt16LE(value);
  return bytes;
};
const i32 = (value: number): Buffer => {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32LE(value);
  return bytes;
};
const text8 = (text: string): Buffer => Buffer.concat([Buffer.from([text.length]), utf16(text)]);
const text16 = (text: string): Buffer => Buffer.concat([u16(text.length), utf16(text)]);
const utf16 = (text: string): Buffer => Buffer.from(text, 'utf16le');
const token = (kind: number, body: Buffer): Buffer =>
  Buffer.concat([Buffer.from([kind]), u16(body.length), body]);

const packetSize = 4096;

/** One message, in packets; bit 0 of the status says which is the last. */
export function packet(...tokens: Buffer[]): Buffer {
  const payload = Buffer.concat(tokens);
  const packets: Buffer[] = [];
  for (let from = 0; from < payload.length; from += packetSize - 8) {
    const part = payload.subarray(from, from + packetSize - 8);
    const isLast = from + part.length === payload.length;
    const header = Buffer.from([0x04, Number(isLast), 0, 0, 0, 0, 1, 0]);
    header.writeUInt16BE(header.length + part.length, 2);
    packets.push(header, part);
  }
  return Buffer.concat(packets);
}

/** PRELOGIN: the version at 11, then ENCRYPT_NOT_SUP at 17. */
export const withoutEncryption = Buffer.from([0, 0, 11, 0, 6, 1, 0, 17, 0, 1, 0xff, 15, 0, 7, 0xd0, 0, 0, 2]);

export const done = (status = 0, rows = 0): Buffer =>
  Buffer.concat([Buffer.from([0xfd]), u16(status), u16(0), i32(rows), i32(0)]);

export const error = (number: number, message: string): Buffer =>
  token(
    0xaa,
    Buffer.concat([i32(number), Buffer.from([1, 14]), text16(message), text8(''), text8(''), i32(1)]),
  );

export const loginAck = (): Buffer =>
  token(
    0xad,
    Buffer.concat([
      Buffer.from([1, 0x74, 0, 0, 4]),
      text8('Microsoft SQL Server'),
      Buffer.from([15, 0, 7, 0xd0]),
    ]),
  );

const transaction = Buffer.from([8, 1, 2, 3, 4, 5, 6, 7, 8]);
/** ENVCHANGE: a transaction begins (8), is committed (9) or rolled back (10). */
export const transactionIs = (kind: 8 | 9 | 10): Buffer =>
  token(
    0xe3,
    Buffer.concat([
      Buffer.from([kind]),
      ...(kind === 8 ? [transaction, Buffer.from([0])] : [Buffer.from([0]), transaction]),
    ]),
  );

/** COLMETADATA and ROWs, of text, whole numbers and bits; NULL in every row is text. */
export function table(rows: readonly Readonly<Record<string, Cell>>[]): Buffer[] {
  const [first] = rows;
  if (!first) return [];
  const samples = Object.keys(first).map((name) => {
    const row = rows.find((one) => one[name] !== null);
    return { name, sample: row?.[name] ?? '' };
  });
  const columns = samples.flatMap(({ name, sample }) => [
    Buffer.from([0, 0, 0, 0, 1, 0]),
    typeOf(sample),
    text8(name),
  ]);
  const cells = (row: Readonly<Record<string, Cell>>): Buffer[] =>
    samples.map(({ name, sample }) => bytesOf(row[name] ?? null, sample));
  return [
    Buffer.concat([Buffer.from([0x81]), u16(samples.length), ...columns]),
    ...rows.map((row) => Buffer.concat([Buffer.from([0xd1]), ...cells(row)])),
  ];
}

const typeOf = (sample: Cell): Buffer => {
  if (typeof sample === 'number') return Buffer.from([0x26, 4]);
  if (typeof sample === 'boolean') return Buffer.from([0x68, 1]);
  return Buffer.concat([Buffer.from([0xe7]), u16(8000), Buffer.from([9, 4, 0xd0, 0, 52])]);
};

const bytesOf = (cell: Cell, sample: Cell): Buffer => {
  if (cell === null) return typeof sample === 'string' ? u16(0xffff) : Buffer.from([0]);
  if (typeof cell === 'number') return Buffer.concat([Buffer.from([4]), i32(cell)]);
  if (typeof cell === 'boolean') return Buffer.from([1, Number(cell)]);
  return Buffer.concat([u16(cell.length * 2), utf16(cell)]);
};

/** The text of a batch, behind ALL_HEADERS. */
export const batchText = (payload: Buffer): string => payload.toString('utf16le', payload.readUInt32LE(0));

/** The statement of a call of sp_executesql: its first parameter, an NVARCHAR of at most 4000 characters. */
export function callText(payload: Buffer): string {
  const at = payload.readUInt32LE(0) + 2 + 2 + 2;
  const type = at + 1 + payload.readUInt8(at) * 2 + 1;
  const value = type + 1 + 2 + 5;
  return payload.toString('utf16le', value + 2, value + 2 + payload.readUInt16LE(value));
}

/** 5 begins a transaction, 7 commits it, 8 rolls it back. */
export const transactionRequest = (payload: Buffer): number => payload.readUInt16LE(payload.readUInt32LE(0));
