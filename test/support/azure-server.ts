import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { BlobServiceClient } from '@azure/storage-blob';
import type { ArtifactServer } from './artifact-server.js';
import { faultProxy } from './fault-proxy.js';

/** The key everybody knows: Azurite's documented development account. */
const key = 'Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==';

/** Azurite 3.35 from npm (the last for Node 20), its blob service on a free port, all in memory. */
export async function startAzure(scheme: 'wasbs' | 'abfss'): Promise<ArtifactServer> {
  const server = await azurite();
  const direct = server.address;
  const proxy = await faultProxy(direct);
  const connection = (url: string): string =>
    `DefaultEndpointsProtocol=http;AccountName=devstoreaccount1;AccountKey=${key};BlobEndpoint=${url}/devstoreaccount1;`;
  const service = BlobServiceClient.fromConnectionString(connection(direct));
  const container = service.getContainerClient('models');
  await container.create();
  const host = `devstoreaccount1.${scheme === 'wasbs' ? 'blob' : 'dfs'}.core.windows.net`;
  const code = (name: string): Record<string, string> => ({ 'x-ms-error-code': name });
  return {
    root: `${scheme}://models@${host}`,
    missing: `${scheme}://no-such@${host}`,
    proxy,
    options: { env: { AZURE_STORAGE_CONNECTION_STRING: connection(proxy.url) } },
    secret: key,
    slowDown: { status: 503, headers: code('ServerBusy') },
    denied: { status: 403, headers: code('AuthorizationPermissionMismatch') },
    async put(name, body) {
      await container.getBlockBlobClient(name).upload(body, Buffer.byteLength(body));
    },
    async stop() {
      await proxy.stop();
      await server.stop();
    },
  };
}

/** @returns its address and how to stop it */
async function azurite(): Promise<{ address: string; stop(): Promise<void> }> {
  const main = fileURLToPath(new URL('../../node_modules/azurite/dist/src/blob/main.js', import.meta.url));
  const options = [
    '--blobHost',
    '127.0.0.1',
    '--blobPort',
    '0',
    '--inMemoryPersistence',
    '--skipApiVersionCheck',
  ];
  const child = spawn(process.execPath, [main, ...options, '--disableTelemetry', '--silent'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = once(child, 'exit');
  const stop = async (): Promise<void> => {
    child.kill('SIGKILL');
    await ended;
  };
  process.once('exit', () => child.kill('SIGKILL'));
  for await (const line of createInterface({ input: child.stdout })) {
    const address = /successfully listen\w* (?:at|on) (http:\S+)/.exec(line)?.[1];
    if (address) return { address, stop };
  }
  throw new Error('Azurite ended before it listened');
}
