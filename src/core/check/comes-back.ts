import type { Operation } from '../../schema/operation.js';

/** A foreign key that goes for a change and comes back after it would not go at all if both were folded into one. */
export const comesBack = (operation: Operation, before: readonly Operation[]): boolean =>
  operation.kind === 'addForeignKey' && before.some(({ kind }) => kind === 'dropForeignKey');
