import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseAllDocuments } from 'yaml';

export const root = fileURLToPath(new URL('../..', import.meta.url));

/** What starts mltrack in a manifest: a container of Kubernetes or a service of Compose. */
export interface Container {
  readonly file: string;
  readonly args: readonly string[];
  /** Names of variables, with the text that they have in the file; null for one that comes from a Secret. */
  readonly env: Readonly<Record<string, string | null>>;
  /** Directories where Secrets are. */
  readonly secrets: readonly string[];
}

type Node = Readonly<Record<string, unknown>>;

const isNode = (value: unknown): value is Node =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Whatever starts the image of mltrack in the YAML files under docs/deploy/, wherever it stands in them. */
export function containers(): Container[] {
  const folder = join(root, 'docs/deploy');
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) =>
    name.endsWith('.yaml'),
  );
  return files.sort().flatMap((name) => {
    const documents = parseAllDocuments(readFileSync(join(folder, name), 'utf8'));
    return documents.flatMap((document) => {
      if (document.errors.length > 0) throw document.errors[0];
      return found(document.toJS(), relative(root, join(folder, name)));
    });
  });
}

function found(value: unknown, file: string): Container[] {
  if (Array.isArray(value)) return value.flatMap((one) => found(one, file));
  if (!isNode(value)) return [];
  const isOurs = typeof value.image === 'string' && /(^|\/)mltrack(:|$)/.test(value.image);
  return isOurs ? [container(value, file)] : Object.values(value).flatMap((one) => found(one, file));
}

function container(node: Node, file: string): Container {
  const args = (node.args ?? node.command ?? []) as unknown[];
  for (const one of args)
    if (typeof one !== 'string') throw new Error(`${file}: ${one} is no text; Kubernetes refuses it`);
  const list = (node.env ?? []) as readonly { name: string; value?: string }[];
  const env = isNode(node.environment)
    ? Object.entries(node.environment)
    : list.map(({ name, value }) => [name, value ?? null]);
  const mounts = (node.volumeMounts ?? []) as readonly { mountPath: string }[];
  return {
    file,
    args: args as string[],
    env: Object.fromEntries(env) as Record<string, string | null>,
    secrets: node.secrets ? ['/run/secrets'] : mounts.map(({ mountPath }) => mountPath),
  };
}
