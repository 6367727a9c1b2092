import type { Dialect } from '../dialect.js';
import { compile, create, traits } from './compile.js';
import { connect } from './connect.js';

export const postgresql: Dialect = {
  name: 'postgresql',
  label: 'PostgreSQL',
  traits,
  transactionalDdl: true,
  connect: (uri, options) => connect(postgresql, uri, options),
  compile,
  create,
};
