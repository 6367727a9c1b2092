import { readFileSync } from 'node:fs';
import type { S3Client, S3ClientConfig } from '@aws-sdk/client-s3';
import { type Context, isTrue, type OpenStore } from './context.js';
import { refused } from './failure.js';
import type { ObjectBucket } from './object-bucket.js';
import { ObjectStore } from './object-store.js';
import { optionalPackage } from './optional-package.js';

/**
 * Amazon S3 and what speaks its protocol, with MLflow's settings (mlflow/store/artifact/s3_artifact_repo.py):
 * `MLFLOW_S3_ENDPOINT_URL`, `MLFLOW_S3_IGNORE_TLS`, `MLFLOW_S3_EXPECTED_BUCKET_OWNER`,
 * `MLFLOW_BOTO_CLIENT_ADDRESSING_STYLE`; credentials by the SDK's standard chain.
 */
export const open: OpenStore = async (location, context) => {
  if (location.authority === '') throw refused(location.uri, 'it names no bucket');
  const sdk = await optionalPackage('@aws-sdk/client-s3', () => import('@aws-sdk/client-s3'), location.uri);
  const client = await clientOf(sdk, context);
  return new ObjectStore(bucketOf(sdk, client, location.authority, context), location, context);
};

type Sdk = typeof import('@aws-sdk/client-s3');

async function clientOf(sdk: Sdk, { env, concurrency, retry }: Context): Promise<S3Client> {
  const endpoint = env.MLFLOW_S3_ENDPOINT_URL;
  const style = env.MLFLOW_BOTO_CLIENT_ADDRESSING_STYLE ?? 'auto';
  const region = env.AWS_REGION ?? env.AWS_DEFAULT_REGION;
  const config: S3ClientConfig = {
    maxAttempts: 1,
    followRegionRedirects: true,
    // botocore: with an endpoint of one's own the bucket goes into the path, unless `virtual` is asked for.
    forcePathStyle: endpoint ? style !== 'virtual' : style === 'path',
    requestHandler: {
      connectionTimeout: Math.min(retry.timeoutMs, 10_000),
      httpsAgent: {
        keepAlive: true,
        maxSockets: concurrency + 8,
        rejectUnauthorized: !isTrue(env.MLFLOW_S3_IGNORE_TLS),
        // botocore reads AWS_CA_BUNDLE, the SDK for JavaScript does not.
        ...(env.AWS_CA_BUNDLE ? { ca: readFileSync(env.AWS_CA_BUNDLE) } : {}),
      },
      httpAgent: { keepAlive: true, maxSockets: concurrency + 8 },
    },
    ...(endpoint ? { endpoint } : {}),
    ...(region ? { region } : {}),
  };
  const client = new sdk.S3Client(config);
  if (region || (await client.config.region().catch(() => null))) return withMd5(client);
  client.destroy();
  // boto3 takes this where no region is set; the SDK for JavaScript gives up.
  return withMd5(new sdk.S3Client({ ...config, region: 'us-east-1' }));
}

/**
 * DeleteObjects must carry a checksum. The SDK sends CRC32, which servers older than 2025 (MinIO, Ceph, Google's S3
 * interface) do not know: they want Content-MD5 (AWS SDK for JavaScript, MD5_FALLBACK.md). Both are sent.
 */
function withMd5(client: S3Client): S3Client {
  client.middlewareStack.add(
    (next, info) => async (args) => {
      const request = args.request as { headers?: Record<string, string>; body?: unknown };
      if (info.commandName === 'DeleteObjectsCommand' && request.headers && request.body) {
        const { createHash } = await import('node:crypto');
        const body = request.body as string | Uint8Array;
        request.headers['content-md5'] = createHash('md5').update(body).digest('base64');
      }
      return next(args);
    },
    { step: 'build', name: 'mltrackContentMd5' },
  );
  return client;
}

function bucketOf(sdk: Sdk, client: S3Client, Bucket: string, { env }: Context): ObjectBucket {
  const owner = env.MLFLOW_S3_EXPECTED_BUCKET_OWNER;
  const where = { Bucket, ...(owner ? { ExpectedBucketOwner: owner } : {}) };
  return {
    title: `the bucket ${Bucket}`,
    batchSize: 1000,
    async page(Prefix, from, abortSignal) {
      const answer = await client.send(
        new sdk.ListObjectsV2Command({ ...where, ...encoded, Prefix, ContinuationToken: from }),
        { abortSignal },
      );
      const items = (answer.Contents ?? []).map((one) => ({
        key: decoded(one.Key, answer.EncodingType),
        bytes: one.Size ?? 0,
        modified: one.LastModified ?? null,
      }));
      return { items, next: nextOf(answer) };
    },
    async names(Prefix, from, abortSignal) {
      const answer = await client.send(
        new sdk.ListObjectsV2Command({
          ...where,
          ...encoded,
          Prefix,
          Delimiter: '/',
          ContinuationToken: from,
        }),
        { abortSignal },
      );
      const files = (answer.Contents ?? []).map((one) =>
        decoded(one.Key, answer.EncodingType).slice(Prefix.length),
      );
      const folders = (answer.CommonPrefixes ?? []).map((one) =>
        decoded(one.Prefix, answer.EncodingType).slice(Prefix.length, -1),
      );
      return { names: { files, folders }, next: nextOf(answer) };
    },
    async remove(objects, abortSignal) {
      const answer = await client.send(
        new sdk.DeleteObjectsCommand({
          ...where,
          // Without a VersionId: in a bucket with versions this hides the object, as `mlflow gc` does.
          Delete: { Quiet: true, Objects: objects.map(({ key }) => ({ Key: key })) },
        }),
        { abortSignal },
      );
      return (answer.Errors ?? [])
        .filter((one) => one.Code !== 'NoSuchKey')
        .map((one) => ({
          key: one.Key ?? '',
          error: Object.assign(new Error(`${one.Key}: ${one.Message ?? ''}`), { code: one.Code ?? 'Error' }),
        }));
    },
    async close() {
      client.destroy();
    },
  };
}

/** Keys may hold what XML cannot; boto3 asks for this encoding too. */
const encoded = { EncodingType: 'url' } as const;
const decoded = (key: string | undefined, encoding: string | undefined): string =>
  encoding === 'url' ? decodeURIComponent((key ?? '').replaceAll('+', '%20')) : (key ?? '');

/** An answer that is cut off but says there is more has no token: better an error than a part taken for the whole. */
function nextOf(answer: {
  IsTruncated?: boolean | undefined;
  NextContinuationToken?: string | undefined;
}): string | undefined {
  if (!answer.IsTruncated) return undefined;
  if (!answer.NextContinuationToken) throw new Error('the listing says there is more, but not from where');
  return answer.NextContinuationToken;
}
