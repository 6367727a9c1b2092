import {
  column,
  createTable,
  foreignKey,
  integer,
  required,
  revision,
  string,
  table,
} from '../src/schema/index.js';

export default revision({
  revision: '27a6a02d2cf1',
  down: '728d730b5ebd',
  title: 'add model version tags',
  release: '1.10.0',
  created: '2020-06-26',
  up: [
    createTable(
      table('model_version_tags', {
        columns: [
          required('key', string(250)),
          column('value', string(5000)),
          required('name', string(256)),
          required('version', integer),
        ],
        primaryKey: ['model_version_tag_pk', ['key', 'name', 'version']],
        foreignKeys: [
          foreignKey(['name', 'version'], 'model_versions', ['name', 'version'], { onUpdate: 'CASCADE' }),
        ],
      }),
    ),
  ],
});
