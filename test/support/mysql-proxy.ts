import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import type { ServerAddress } from './server.js';

/** A place in a run: before a statement reaches the server, while it runs there, or after its answer came back. */
export interface Point {
  readonly statement: number;
  readonly when: 'before' | 'during' | 'after';
}

export interface StatementProxy extends ServerAddress {
  /** The statements that came by, numbered from 0. */
  readonly statements: readonly string[];
  /** Whether the point was reached. */
  readonly hit: boolean;
  /** What to do at a point; from then on nothing passes in either direction. */
  arm(point: Point, action: () => void): void;
  close(): Promise<void>;
}

/** COM_QUERY, the first byte of a command with a statement in it (MySQL client/server protocol). */
const query = 0x03;

/** Stands before a MySQL or MariaDB server and counts statements. */
export async function startProxy(server: ServerAddress): Promise<StatementProxy> {
  const statements: string[] = [];
  const sockets = new Set<Socket>();
  let armed: { point: Point; action: () => void } | undefined;
  let hit = false;

  const fire = () => {
    hit = true;
    armed?.action();
    for (const socket of sockets) socket.destroy();
  };
  const reaches = (when: Point['when']): boolean =>
    armed?.point.when === when && statements.length - 1 === armed.point.statement;

  const listener = createServer((client) => {
    const upstream = connect(server.port, server.host);
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.on('error', () => undefined);
      socket.on('close', () => {
        sockets.delete(socket);
        client.destroy();
        upstream.destroy();
      });
    }
    eachPacket(client, (packet) => {
      if (hit) return;
      const isStatement = packet[3] === 0 && packet[4] === query;
      if (isStatement) statements.push(textOf(packet));
      if (isStatement && reaches('before')) return fire();
      if (isStatement && reaches('during')) upstream.write(packet, fire);
      else upstream.write(packet);
    });
    upstream.on('data', (data) => {
      if (hit) return;
      if (reaches('after')) fire();
      else client.write(data);
    });
  });
  await new Promise<void>((done) => listener.listen(0, '127.0.0.1', done));
  const { user, password } = server;
  return {
    ...{ host: '127.0.0.1', port: (listener.address() as AddressInfo).port, user, password },
    statements,
    get hit() {
      return hit;
    },
    arm: (point, action) => {
      armed = { point, action };
    },
    close: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((done) => listener.close(done));
    },
  };
}

/** To MySQL the statement follows its attributes, of which there are none: a 0, and a 1 for their set. */
const textOf = (packet: Buffer): string => packet.toString('utf8', packet[5] === 0 ? 7 : 5);

/** Cuts a stream into packets: three bytes of length, one of sequence, the payload. */
function eachPacket(socket: Socket, take: (packet: Buffer) => void): void {
  let pending = Buffer.alloc(0);
  socket.on('data', (data) => {
    pending = Buffer.concat([pending, data]);
    while (pending.length >= 4) {
      const end = 4 + pending.readUIntLE(0, 3);
      if (pending.length < end) return;
      take(pending.subarray(0, end));
      pending = pending.subarray(end);
    }
  });
}

/** The database's URI, through the proxy. */
export const through = (proxy: StatementProxy, uri: string): string =>
  uri.replace(/@[^/]+\//, `@${proxy.host}:${proxy.port}/`);
