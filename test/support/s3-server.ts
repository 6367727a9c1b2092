import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { startFauxqs } from 'fauxqs';
import type { ArtifactServer } from './artifact-server.js';
import { faultProxy } from './fault-proxy.js';

/**
 * An S3 server on loopback: `fauxqs` 1.9 from npm, in this process, the last major that runs on Node 20 (`s3rver` has
 * had no release since 2021). Its objects are in memory.
 */
export async function startS3(): Promise<ArtifactServer> {
  const server = await startFauxqs({
    port: 0,
    host: '127.0.0.1',
    logger: false,
    init: { buckets: ['models'] },
  });
  const endpoint = server.address.replace('0.0.0.0', '127.0.0.1');
  const proxy = await faultProxy(endpoint);
  const credentials = { accessKeyId: 'test', secretAccessKey: 'a-secret-of-s3' };
  const client = new S3Client({ endpoint, forcePathStyle: true, region: 'us-east-1', credentials });
  // The SDK's chain reads the process's environment.
  Object.assign(process.env, {
    AWS_ACCESS_KEY_ID: credentials.accessKeyId,
    AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
    AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true',
  });
  return {
    root: 's3://models',
    missing: 's3://no-such-bucket',
    proxy,
    options: {
      env: { ...process.env, MLFLOW_S3_ENDPOINT_URL: proxy.url, AWS_REGION: 'us-east-1' },
    },
    secret: credentials.secretAccessKey,
    slowDown: {
      status: 503,
      body: '<?xml version="1.0"?><Error><Code>SlowDown</Code><Message>Please reduce your request rate.</Message></Error>',
    },
    denied: {
      status: 403,
      body: '<?xml version="1.0"?><Error><Code>AccessDenied</Code><Message>Access Denied</Message></Error>',
    },
    async put(key, body) {
      await client.send(new PutObjectCommand({ Bucket: 'models', Key: key, Body: body }));
    },
    async stop() {
      client.destroy();
      await proxy.stop();
      await server.stop();
    },
  };
}
