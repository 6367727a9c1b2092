import { createServer, type IncomingMessage, request } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';

/** What a request meets on its way: an answer in the server's place, or a way in which the server's own is spoilt. */
export type Fault =
  | { readonly status: number; readonly body?: string; readonly headers?: Record<string, string> }
  | { readonly reset: true }
  | { readonly hangMs: number }
  | { readonly slowMs: number }
  | { readonly cutAfter: number };

export interface FaultProxy {
  readonly url: string;
  /** Asked for each request, in order of arrival; null lets it through. */
  faults: (request: IncomingMessage, count: number) => Fault | null;
  /** `METHOD path` of all requests since the last `forget`. */
  readonly seen: string[];
  /** The most requests under way at once since the last `forget`. */
  most: number;
  forget(): void;
  stop(): Promise<void>;
}

/** A proxy on loopback before a real server, which passes all on, the Host header too, as signatures cover it. */
export async function faultProxy(target: string): Promise<FaultProxy> {
  const to = new URL(target);
  const sockets = new Set<Socket>();
  const timers = new Set<NodeJS.Timeout>();
  const later = (ms: number, work: () => void): void => {
    const timer = setTimeout(() => {
      timers.delete(timer);
      work();
    }, ms);
    timers.add(timer);
  };
  let [busy, epoch] = [0, 0];
  const server = createServer((incoming, outgoing) => {
    busy++;
    proxy.most = Math.max(proxy.most, busy);
    // `close` may come much later, where the connection ends with the answer; it comes alone where one breaks.
    let under = true;
    const since = epoch;
    for (const end of ['finish', 'close'])
      outgoing.once(end, () => {
        if (under && since === epoch) busy--;
        under = false;
      });
    proxy.seen.push(`${incoming.method} ${incoming.url}`);
    const fault = proxy.faults(incoming, proxy.seen.length);
    const drop = (): void => void incoming.socket.destroy();
    if (fault && 'reset' in fault) return drop();
    if (fault && 'hangMs' in fault) return later(fault.hangMs, drop);
    if (fault && 'status' in fault) {
      incoming.resume();
      outgoing.writeHead(fault.status, { 'content-type': 'application/xml', ...fault.headers });
      return void outgoing.end(fault.body ?? '');
    }
    const pass = (): void => {
      const { method, url, headers } = incoming;
      const sent = request({ host: to.hostname, port: to.port, method, path: url, headers }, (answer) => {
        outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
        if (!fault || !('cutAfter' in fault)) return void answer.pipe(outgoing);
        let left = fault.cutAfter;
        answer.on('data', (part: Buffer) => {
          if (left <= 0) return;
          outgoing.write(part.subarray(0, left));
          left -= part.length;
          if (left <= 0) setImmediate(drop);
        });
        answer.on('end', drop);
      });
      sent.on('error', drop);
      incoming.pipe(sent);
    };
    if (fault && 'slowMs' in fault) later(fault.slowMs, pass);
    else pass();
  });
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.on('error', () => socket.destroy());
    socket.on('close', () => sockets.delete(socket));
  });
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready));
  const proxy: FaultProxy = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    faults: () => null,
    seen: [],
    most: 0,
    forget: () => {
      proxy.seen.splice(0);
      // What still hangs from before counts no more.
      epoch++;
      busy = 0;
      proxy.most = 0;
    },
    async stop() {
      for (const timer of timers) clearTimeout(timer);
      for (const socket of sockets) socket.destroy();
      await new Promise((done) => server.close(done));
    },
  };
  return proxy;
}
