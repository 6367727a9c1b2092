import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import * as tds from './tds.js';

export interface TdsServer {
  readonly uri: string;
  /** What was heard: a statement, or BEGIN, COMMIT, ROLLBACK, ATTENTION. */
  readonly heard: string[];
  close(): void;
}

/**
 * A server that speaks SQL Server's protocol and answers each statement as `answer` says: with rows, with an error,
 * or never (null).
 */
export async function tdsServer(answer: (sql: string) => tds.Answer | null): Promise<TdsServer> {
  const heard: string[] = [];
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    listen(socket, (kind, payload) => reply(kind, payload, heard, answer));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    uri: `mssql+pyodbc://sa:geheim@127.0.0.1:${port}/mlflow?Encrypt=no`,
    heard,
    close: () => {
      for (const socket of sockets) socket.destroy();
      server.close();
    },
  };
}

/** Puts packets together to messages. */
function listen(socket: Socket, on: (kind: number, payload: Buffer) => Buffer | null): void {
  let [bytes, message] = [Buffer.alloc(0), Buffer.alloc(0)];
  socket.on('data', (chunk) => {
    bytes = Buffer.concat([bytes, chunk]);
    while (bytes.length >= 8 && bytes.length >= bytes.readUInt16BE(2)) {
      const length = bytes.readUInt16BE(2);
      const [kind, status] = [bytes[0] as number, bytes[1] as number];
      message = Buffer.concat([message, bytes.subarray(8, length)]);
      bytes = bytes.subarray(length);
      if ((status & 1) === 0) continue;
      const told = on(kind, message);
      message = Buffer.alloc(0);
      if (told) socket.write(told);
    }
  });
}

function reply(
  kind: number,
  payload: Buffer,
  heard: string[],
  answer: (sql: string) => tds.Answer | null,
): Buffer | null {
  switch (kind) {
    case 0x12:
      return tds.packet(tds.withoutEncryption);
    case 0x10:
      return tds.packet(tds.loginAck(), tds.done());
    case 0x06:
      heard.push('ATTENTION');
      // First what is left of the statement's answer, then the acknowledgement.
      return Buffer.concat([tds.packet(tds.done(2)), tds.packet(tds.done(0x20))]);
    case 0x0e: {
      const [verb, change] = ({ 5: ['BEGIN', 8], 7: ['COMMIT', 9], 8: ['ROLLBACK', 10] } as const)[
        tds.transactionRequest(payload) as 5 | 7 | 8
      ];
      heard.push(verb);
      return tds.packet(tds.transactionIs(change), tds.done());
    }
    default: {
      const sql = kind === 0x03 ? tds.callText(payload) : tds.batchText(payload);
      heard.push(sql);
      const told = answer(sql);
      if (told === null) return null;
      if ('error' in told) return tds.packet(tds.error(told.error, told.message), tds.done(2));
      return tds.packet(...tds.table(told), tds.done(0x10, told.length));
    }
  }
}
