/**
 * A schema stands in the way of an operation: a name is taken, a column is missing, something of the user's depends
 * on what must go. Raised while folding, so before anything is changed.
 */
export class SchemaConflict extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'SchemaConflict';
  }
}
