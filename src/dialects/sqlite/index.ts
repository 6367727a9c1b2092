import type { Dialect } from '../dialect.js';
import { compile, create, traits } from './compile.js';
import { connect } from './connect.js';

export const sqlite: Dialect = {
  name: 'sqlite',
  label: 'SQLite',
  traits,
  transactionalDdl: true,
  connect: (uri, options) => connect(sqlite, uri, options),
  compile,
  create,
};
