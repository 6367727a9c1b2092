import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { mssql } from '../../../src/dialects/mssql/index.js';
import { parseUri } from '../../../src/dialects/uri.js';
import { done, packet, error as refused, withoutEncryption } from './tds.js';

const password = 'sehr-geheim';

/** What connecting ends with; fails where it succeeds. */
async function failure(uri: string) {
  const error = await mssql.connect(parseUri(uri), { lockWaitMs: 0 }).then(
    () => {
      throw new Error('it connected');
    },
    (reason: Error) => reason,
  );
  // Neither the message nor anything that hangs on the error.
  expect(inspect(error, { depth: 10, showHidden: true })).not.toContain(password);
  return error as Error & { exitCode: number; hints: string[] };
}

/** A server on a port of its own that does with each connection what `greet` says. */
async function listening(greet: (socket: Socket) => void): Promise<{ port: number; close: () => void }> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    greet(socket);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const close = () => {
    for (const socket of sockets) socket.destroy();
    server.close();
  };
  return { port: (server.address() as AddressInfo).port, close };
}

describe('connecting', () => {
  it('says that nothing listens', async () => {
    const { port, close } = await listening(() => undefined);
    close();
    const error = await failure(`mssql+pyodbc://sa:${password}@127.0.0.1:${port}/mlflow`);
    expect(error.exitCode).toBe(9);
    expect(error.message).toContain(`nothing listens at mssql://sa@127.0.0.1:${port}/mlflow`);
  });

  it('says that the host is not known, also of an ODBC string', async () => {
    const text = `Server=tcp:no-such-host.invalid,1433;Database=mlflow;UID=sa;PWD={${password}}`;
    const error = await failure(`mssql+pyodbc:///?odbc_connect=${encodeURIComponent(text)}`);
    expect(error.exitCode).toBe(9);
    expect(error.message).toMatch(/the host "no-such-host.invalid" (is not known|could not be looked up)/);
  });

  it('gives up on a server that does not answer', async () => {
    const { port, close } = await listening(() => undefined);
    try {
      const error = await failure(`mssql+pyodbc://sa:${password}@127.0.0.1:${port}/mlflow?LoginTimeout=1`);
      expect(error.exitCode).toBe(9);
      expect(error.message).toContain('does not answer');
    } finally {
      close();
    }
  });

  it('gives up on a server that speaks something else', async () => {
    const { port, close } = await listening((socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'));
    try {
      const error = await failure(`mssql+pyodbc://sa:${password}@127.0.0.1:${port}/mlflow?LoginTimeout=3`);
      expect(error.exitCode).toBe(9);
      expect(error.message).toContain('cannot connect');
    } finally {
      close();
    }
  });

  it('sends no login without TLS where Encrypt asks for it', async () => {
    const { port, close, login } = await withoutTls();
    try {
      const error = await failure(`mssql+pyodbc://sa:${password}@127.0.0.1:${port}/mlflow?Encrypt=yes`);
      expect(error).toMatchObject({ exitCode: 9 });
      expect(error.message).toContain('offers no TLS, which Encrypt asks for');
      expect(login()).toBe(0);
    } finally {
      close();
    }
  });

  it('does without TLS where nobody asks for it, and tells why the login is refused', async () => {
    const { port, close, login } = await withoutTls();
    try {
      const error = await failure(`mssql+pyodbc://sa:${password}@127.0.0.1:${port}/mlflow?Encrypt=no`);
      expect(error).toMatchObject({ exitCode: 9 });
      expect(error.message).toContain('the server refuses sa');
      expect(login()).toBe(1);
    } finally {
      close();
    }
  });
});

/** A SQL Server that has no TLS and refuses every login, and how many logins came. */
async function withoutTls() {
  let logins = 0;
  const { port, close } = await listening((socket) =>
    socket.on('data', (sent) => {
      if (sent[0] === 0x12) socket.write(packet(withoutEncryption));
      if (sent[0] !== 0x10) return;
      logins++;
      socket.write(packet(refused(18_456, "Login failed for user 'sa'."), done(2)));
    }),
  );
  return { port, close, login: () => logins };
}
