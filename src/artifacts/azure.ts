import type { BlobServiceClient, ContainerClient, StoragePipelineOptions } from '@azure/storage-blob';
import type { Context, OpenStore } from './context.js';
import { refused } from './failure.js';
import { azureParts, type Location } from './location.js';
import type { NotRemoved, ObjectBucket } from './object-bucket.js';
import { ObjectStore } from './object-store.js';
import { optionalPackage } from './optional-package.js';

/**
 * Azure Blob Storage. `abfss` locations lie in the same containers and are reached by the blob endpoint too, so that
 * they can be collected, which MLflow cannot (`delete_artifacts` of azure_data_lake_artifact_repo.py raises). With
 * soft deletion or versions on, the account keeps what it is told to keep; snapshots go with their blob.
 */
export const open: OpenStore = async (location, context) => {
  const { container, account } = azureParts(location);
  const service = await serviceOf(location, context);
  if (service.accountName !== account)
    throw refused(
      location.uri,
      `AZURE_STORAGE_CONNECTION_STRING is for the account ${service.accountName}, not ${account}`,
    );
  return new ObjectStore(bucketOf(service.getContainerClient(container)), location, context);
};

/** MLflow's order: connection string, access key, (abfss) SAS token, then whatever Azure's default chain finds. */
async function serviceOf(location: Location, { env }: Context): Promise<BlobServiceClient> {
  const { uri } = location;
  const load = () => import('@azure/storage-blob');
  const sdk = await optionalPackage('@azure/storage-blob', load, uri);
  const { account, suffix } = azureParts(location);
  const url = `https://${account}.blob.${suffix}`;
  // Retries are ours, so that every store has the same.
  const options: StoragePipelineOptions = {
    retryOptions: { maxTries: 1 },
    keepAliveOptions: { enable: true },
  };
  if (env.AZURE_STORAGE_CONNECTION_STRING)
    return sdk.BlobServiceClient.fromConnectionString(env.AZURE_STORAGE_CONNECTION_STRING, options);
  if (env.AZURE_STORAGE_ACCESS_KEY) {
    const key = new sdk.StorageSharedKeyCredential(account, env.AZURE_STORAGE_ACCESS_KEY);
    return new sdk.BlobServiceClient(url, key, options);
  }
  if (env.AZURE_STORAGE_SAS_TOKEN)
    return new sdk.BlobServiceClient(
      `${url}?${env.AZURE_STORAGE_SAS_TOKEN.replace(/^\?/, '')}`,
      undefined,
      options,
    );
  const identity = await optionalPackage('@azure/identity', () => import('@azure/identity'), uri);
  return new sdk.BlobServiceClient(url, new identity.DefaultAzureCredential(), options);
}

function bucketOf(container: ContainerClient): ObjectBucket {
  const batches = container.getBlobBatchClient();
  return {
    title: `the container ${container.containerName}`,
    // The service's limit for one Blob Batch request.
    batchSize: 256,
    async page(prefix, from, abortSignal) {
      const pages = container
        .listBlobsFlat({ prefix, includeMetadata: true, abortSignal })
        .byPage({ maxPageSize: 1000, ...(from ? { continuationToken: from } : {}) });
      const { value } = await pages.next();
      const items = value.segment.blobItems.map((blob: Blob) => {
        const { contentLength, lastModified } = blob.properties;
        // With a hierarchical namespace the listing shows directories too, as empty blobs with this mark.
        const folder = blob.metadata?.hdi_isfolder === 'true';
        return { key: blob.name, bytes: contentLength ?? 0, modified: lastModified ?? null, folder };
      });
      return { items, next: value.continuationToken || undefined };
    },
    async names(prefix, from, abortSignal) {
      const pages = container
        .listBlobsByHierarchy('/', { prefix, abortSignal })
        .byPage({ maxPageSize: 1000, ...(from ? { continuationToken: from } : {}) });
      const { value } = await pages.next();
      const { blobItems, blobPrefixes } = value.segment as Segment;
      const below = (name: string): string => name.slice(prefix.length).replace(/\/$/, '');
      const names = {
        files: blobItems.map((blob) => below(blob.name)),
        folders: (blobPrefixes ?? []).map((one) => below(one.name)),
      };
      return { names, next: value.continuationToken || undefined };
    },
    async remove(objects, abortSignal) {
      const blobs = objects.map(({ key }) => container.getBlobClient(key));
      const answer = await batches.deleteBlobs(blobs, { deleteSnapshots: 'include', abortSignal });
      const not: NotRemoved[] = [];
      for (const [i, { key }] of objects.entries()) {
        const one = answer.subResponses[i];
        if (one && (one.status < 300 || one.status === 404)) continue;
        // A part of the answer that is missing says nothing of its blob: PARSE_ERROR lets it be tried again.
        const code = one ? (one.errorCode ?? 'Error') : 'PARSE_ERROR';
        const error = Object.assign(new Error(`${key}: ${one?.statusMessage ?? 'no answer'}`), {
          code,
          ...(one ? { status: one.status } : {}),
        });
        not.push({ key, error });
      }
      return not;
    },
    async close() {},
  };
}

interface Blob {
  readonly name: string;
  readonly metadata?: Readonly<Record<string, string>>;
  readonly properties: { readonly contentLength?: number; readonly lastModified?: Date };
}

interface Segment {
  readonly blobItems: readonly Blob[];
  readonly blobPrefixes?: readonly { readonly name: string }[];
}
