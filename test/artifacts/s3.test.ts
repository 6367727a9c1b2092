import { startS3 } from '../support/s3-server.js';
import { describeStore } from './contract.js';

describeStore('S3', startS3, { times: true, anyKey: true });
