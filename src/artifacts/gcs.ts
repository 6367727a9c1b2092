import type { Bucket } from '@google-cloud/storage';
import type { OpenStore } from './context.js';
import { refused } from './failure.js';
import type { NotRemoved, ObjectBucket } from './object-bucket.js';
import { ObjectStore } from './object-store.js';
import { optionalPackage } from './optional-package.js';

/**
 * Google Cloud Storage, by Application Default Credentials, as in mlflow/store/artifact/gcs_artifact_repo.py, with
 * `STORAGE_EMULATOR_HOST` as Python's library takes it. In a bucket with versions or soft deletion the live object goes.
 */
export const open: OpenStore = async (location, context) => {
  if (location.authority === '') throw refused(location.uri, 'it names no bucket');
  const load = () => import('@google-cloud/storage');
  const { Storage } = await optionalPackage('@google-cloud/storage', load, location.uri);
  const { env } = context;
  const emulator = emulatorOf(env.STORAGE_EMULATOR_HOST);
  const projectId = env.GOOGLE_CLOUD_PROJECT ?? env.GCLOUD_PROJECT ?? (emulator ? 'emulator' : undefined);
  const client = new Storage({
    // Retries are ours, so that every store has the same.
    retryOptions: { autoRetry: false, maxRetries: 0 },
    // It takes no AbortSignal; so at least no request outlives its try.
    timeout: context.retry.timeoutMs,
    ...(projectId ? { projectId } : {}),
    ...(emulator ? { apiEndpoint: emulator } : {}),
  });
  // The SDK for Node takes the process's variable as it is, where Python's puts the API's path behind it.
  if (emulator) client.baseUrl = `${emulator}/storage/v1`;
  return new ObjectStore(bucketOf(client.bucket(location.authority)), location, context);
};

/** The server's address alone, with or without a scheme and the API's path in the variable. */
function emulatorOf(host: string | undefined): string | null {
  if (!host) return null;
  const url = /^https?:\/\//i.test(host) ? host : `http://${host}`;
  return url.replace(/\/+(storage\/v1\/*)?$/, '');
}

/** The listing's answer, of which the SDK's types say nothing. */
interface Listing {
  readonly prefixes?: readonly string[];
}

/** Of an object's resource what is asked for. */
interface Resource {
  readonly name?: string;
  readonly size?: string | number;
  readonly updated?: string;
}

function bucketOf(bucket: Bucket): ObjectBucket {
  const list = async (prefix: string, pageToken: string | undefined, more: object) => {
    const [files, next, answer] = await bucket.getFiles({
      prefix,
      autoPaginate: false,
      maxResults: 1000,
      ...more,
      ...(pageToken ? { pageToken } : {}),
    });
    return {
      files,
      next: (next as { pageToken?: string } | null)?.pageToken,
      folders: (answer as Listing).prefixes ?? [],
    };
  };
  return {
    title: `the bucket ${bucket.name}`,
    // The SDK has no batch request, and each request counts against `concurrency`.
    batchSize: 1,
    async page(prefix, from) {
      const { files, next } = await list(prefix, from, { fields: 'items(name,size,updated),nextPageToken' });
      const items = files.map((file) => {
        // With `fields` the SDK hands out the resource itself, without a File around it.
        const { name, size, updated } = (file.metadata ?? file) as Resource;
        return {
          key: name ?? file.name,
          bytes: Number(size ?? 0),
          modified: updated ? new Date(updated) : null,
        };
      });
      return { items, next };
    },
    async names(prefix, from) {
      const { files, next, folders } = await list(prefix, from, {
        delimiter: '/',
        fields: 'items(name),prefixes,nextPageToken',
      });
      return {
        names: {
          files: files.map(({ name }) => name.slice(prefix.length)),
          folders: folders.map((name) => name.slice(prefix.length, -1)),
        },
        next,
      };
    },
    async remove(objects) {
      const tries = await Promise.all(
        objects.map(async ({ key }): Promise<NotRemoved | null> => {
          try {
            await bucket.file(key).delete({ ignoreNotFound: true });
            return null;
          } catch (error) {
            return { key, error };
          }
        }),
      );
      return tries.filter((one) => one !== null);
    },
    async close() {},
  };
}
