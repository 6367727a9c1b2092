import { literal, required, string } from '../src/schema/index.js';

/** The workspace a row belongs to; MLflow gives every table that has one the same column (1b5f0d9ad7c1). */
export const workspaceColumn = required('workspace', string(63), { default: literal('default') });
