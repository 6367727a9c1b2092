import { column, createTable, foreignKey, required, revision, string, table } from '../src/schema/index.js';

export default revision({
  revision: '728d730b5ebd',
  down: '0a8213491aaa',
  title: 'add registered model tags',
  release: '1.10.0',
  created: '2020-06-26',
  up: [
    createTable(
      table('registered_model_tags', {
        columns: [required('key', string(250)), column('value', string(5000)), required('name', string(256))],
        primaryKey: ['registered_model_tag_pk', ['key', 'name']],
        foreignKeys: [foreignKey(['name'], 'registered_models', ['name'], { onUpdate: 'CASCADE' })],
      }),
    ),
  ],
});
