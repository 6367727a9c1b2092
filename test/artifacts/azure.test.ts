import { startAzure } from '../support/azure-server.js';
import { thorough } from '../support/share.js';
import { describeStore } from './contract.js';

// Azurite takes 6 ms to write a blob: more than a page of them, and the other scheme, only where all is asked for.
const traits = { times: true, anyKey: true, many: thorough ? 1203 : 300 };

describeStore('Azure Blob Storage (Azurite)', () => startAzure('wasbs'), traits);
if (thorough) describeStore('Azure by abfss (Azurite)', () => startAzure('abfss'), traits);
