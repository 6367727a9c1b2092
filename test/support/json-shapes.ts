import { readFileSync } from 'node:fs';
import { type Ajv2020, default as ajvModule } from 'ajv/dist/2020.js';
import formats from 'ajv-formats';

const file = new URL('../../docs/json/mltrack-1.schema.json', import.meta.url);
const schema = JSON.parse(readFileSync(file, 'utf8'));
const ajv: Ajv2020 = new ajvModule.default({ allErrors: true, strict: true, allowUnionTypes: true });
formats.default(ajv);
ajv.addSchema(schema);

/** The events that docs/json describes. */
export const eventNames: readonly string[] = schema.oneOf.map(({ $ref }: { $ref: string }) =>
  $ref.replace('#/$defs/', ''),
);

/** @throws where an event is none of those, or has a field that is not described, lacks one, or another type */
export function expectDescribed(event: Record<string, unknown>): void {
  const name = String(event.event);
  if (!eventNames.includes(name)) throw new Error(`docs/json describes no event "${name}"`);
  const validate = ajv.getSchema(`${schema.$id}#/$defs/${name}`);
  if (!validate?.(event))
    throw new Error(
      `not as docs/json describes it: ${ajv.errorsText(validate?.errors, { dataVar: name })}\n${JSON.stringify(event).slice(0, 2000)}`,
    );
}

/** The whole schema, as a reader of it would use it. */
export const isDescribed = (event: unknown): boolean => ajv.validate(schema.$id, event) as boolean;
