import { createTable, foreignKey, integer, required, revision, string, table } from '../src/schema/index.js';

/** MLflow leaves a table of that name as it is, where there is one. */
export default revision({
  revision: '3500859a5d39',
  down: '97727af70f4d',
  title: 'add model aliases',
  release: '2.3.0',
  created: '2023-03-09',
  up: [
    createTable(
      table('registered_model_aliases', {
        columns: [
          required('alias', string(256)),
          required('version', integer),
          required('name', string(256)),
        ],
        primaryKey: ['registered_model_alias_pk', ['name', 'alias']],
        foreignKeys: [
          foreignKey(['name'], 'registered_models', ['name'], {
            name: 'registered_model_alias_name_fkey',
            onUpdate: 'CASCADE',
            onDelete: 'CASCADE',
          }),
        ],
      }),
      { ifMissing: true },
    ),
  ],
});
