import {
  bigint,
  column,
  createIndex,
  createTable,
  foreignKey,
  index,
  integer,
  json,
  literal,
  required,
  revision,
  string,
  table,
  text,
} from '../src/schema/index.js';
import { workspaceColumn } from './shared.js';

const skill = [
  workspaceColumn,
  required('organization', string(64), { default: literal('') }),
  required('name', string(128)),
];
const authorship = [
  column('created_by', string(256)),
  column('last_updated_by', string(256)),
  required('created_at', bigint),
  required('last_updated_at', bigint),
];
const keyAndValue = [
  required('key', string(250, { caseSensitive: true })),
  column('value', text('medium', { unicode: true })),
];
const toSkill = (name: string) =>
  foreignKey(['workspace', 'organization', 'name'], 'skills', ['workspace', 'organization', 'name'], {
    name,
    onDelete: 'CASCADE',
    onUpdate: 'CASCADE',
  });

export default revision({
  revision: 'e7d1f4b2a9c6',
  down: 'dc11669786a5',
  title: 'add the skill registry',
  release: '3.18.0',
  created: '2026-09-01',
  up: [
    createTable(
      table('skills', {
        columns: [
          ...skill,
          column('description', text()),
          column('icons', json),
          column('search_text', text()),
          ...authorship,
        ],
        primaryKey: ['skills_pk', ['workspace', 'organization', 'name']],
      }),
    ),
    createTable(
      table('skill_versions', {
        columns: [
          ...skill,
          required('version', integer),
          column('source_type', string(20)),
          column('source', string(2048)),
          column('ref', string(2048)),
          column('subpath', string(2048)),
          column('digest', string(64)),
          required('status', string(20), { default: literal('active') }),
          ...authorship,
        ],
        primaryKey: ['skill_versions_pk', ['workspace', 'organization', 'name', 'version']],
        foreignKeys: [toSkill('skill_versions_skill_fkey')],
      }),
    ),
    createTable(
      table('skill_tags', {
        columns: [...skill, ...keyAndValue],
        primaryKey: ['skill_tags_pk', ['workspace', 'organization', 'name', 'key']],
        foreignKeys: [toSkill('skill_tags_skill_fkey')],
      }),
    ),
    createTable(
      table('skill_version_tags', {
        columns: [...skill, required('version', integer), ...keyAndValue],
        primaryKey: ['skill_version_tags_pk', ['workspace', 'organization', 'name', 'version', 'key']],
        foreignKeys: [
          foreignKey(
            ['workspace', 'organization', 'name', 'version'],
            'skill_versions',
            ['workspace', 'organization', 'name', 'version'],
            { name: 'skill_version_tags_version_fkey', onDelete: 'CASCADE', onUpdate: 'CASCADE' },
          ),
        ],
      }),
    ),
    createTable(
      table('skill_aliases', {
        columns: [...skill, required('alias', string(256)), required('version', integer)],
        primaryKey: ['skill_aliases_pk', ['workspace', 'organization', 'name', 'alias']],
        foreignKeys: [toSkill('skill_aliases_skill_fkey')],
      }),
    ),
    createIndex(
      'skill_versions',
      index('ix_skill_versions_latest_lookup', ['workspace', 'organization', 'name', 'status', 'version']),
    ),
    createIndex(
      'skill_versions',
      index('ix_skill_versions_digest', ['workspace', 'organization', 'name', 'digest']),
    ),
  ],
});
