import type { Command } from './backup.js';
import type { DatabaseUri } from './uri.js';

/** What a cloud calls its kind of server. */
export interface CloudNames {
  /** `az postgres flexible-server …` */
  readonly azure: 'postgres' | 'mysql' | 'sql';
}

/** A server that somebody else keeps, known by its host name. */
export interface Managed {
  readonly provider: string;
  readonly commands: readonly Command[];
}

/**
 * The snapshot of a managed server, by its host name (AWS, Google and Azure document these forms). Names that only
 * the owner knows are in capitals.
 */
export function managedBy(uri: DatabaseUri, names: CloudNames): Managed | null {
  const host = uri.query.get('host') ?? uri.query.get('unix_socket') ?? uri.host ?? '';
  const [name = ''] = host.split('.');
  const label = 'before-mltrack';
  const snapshot = (...argv: string[]): Command[] => [{ what: 'take a snapshot', argv }];
  if (/\.cluster-(?:ro-|custom-)?[a-z0-9]+\.[a-z0-9-]+\.rds\.amazonaws\.com(\.cn)?$/.test(host))
    return {
      provider: 'Amazon Aurora',
      commands: snapshot(
        'aws',
        'rds',
        'create-db-cluster-snapshot',
        '--db-cluster-identifier',
        name,
        '--db-cluster-snapshot-identifier',
        `${name}-${label}`,
      ),
    };
  if (/\.rds\.amazonaws\.com(\.cn)?$/.test(host))
    return {
      provider: 'Amazon RDS',
      commands: snapshot(
        'aws',
        'rds',
        'create-db-snapshot',
        '--db-instance-identifier',
        name,
        '--db-snapshot-identifier',
        `${name}-${label}`,
      ),
    };
  const socket = /\/cloudsql\/([^:/]+):([^:/]+):([^:/]+)/.exec(host);
  if (socket)
    return {
      provider: 'Google Cloud SQL',
      commands: snapshot(
        'gcloud',
        'sql',
        'backups',
        'create',
        '--project',
        socket[1] as string,
        '--instance',
        socket[3] as string,
        '--description',
        label,
      ),
    };
  if (/\.sql\.goog$/.test(host))
    return {
      provider: 'Google Cloud SQL',
      commands: snapshot(
        'gcloud',
        'sql',
        'backups',
        'create',
        '--instance',
        'INSTANCE',
        '--description',
        label,
      ),
    };
  if (/\.(postgres|mysql)\.database\.azure\.com$/.test(host))
    return {
      provider: `Azure Database for ${names.azure === 'mysql' ? 'MySQL' : 'PostgreSQL'}`,
      commands: snapshot(
        'az',
        names.azure,
        'flexible-server',
        'backup',
        'create',
        '--resource-group',
        'GROUP',
        '--name',
        name,
        '--backup-name',
        label,
      ),
    };
  if (/\.database\.windows\.net$/.test(host))
    return {
      provider: 'Azure SQL',
      commands: [
        {
          what: 'take a copy',
          argv: [
            'az',
            'sql',
            'db',
            'copy',
            '--resource-group',
            'GROUP',
            '--server',
            name,
            '--name',
            uri.database,
            '--dest-name',
            `${uri.database}-${label}`,
          ],
        },
      ],
    };
  return null;
}
