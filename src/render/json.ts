import { withoutSecrets } from './secrets.js';

/** The version of a shape that says nothing else. It changes when a reader of this one would go wrong: docs/json.md. */
const shape = 1;

/**
 * An event as one line of JSON: what it is first, then the version of its shape (docs/json/mltrack-1.schema.json).
 * `JSON.stringify` leaves C1 controls and marks of direction as they are, which a terminal would obey.
 */
export const jsonLine = ({ event, ...rest }: { readonly event: string }): string =>
  `${withoutSecrets(JSON.stringify({ event, version: shape, ...rest })).replace(/[\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g, escaped)}\n`;

/** Prints it on standard output. */
export const printEvent = (event: { readonly event: string }): void => {
  process.stdout.write(jsonLine(event));
};

const escaped = (character: string): string => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
