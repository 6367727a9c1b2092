import type { Dialect } from '../dialect.js';
import { languageOf } from './compile.js';
import { connect } from './connect.js';
import type { Flavour } from './flavour.js';

const dialectOf = (flavour: Flavour): Dialect => ({
  name: 'mysql',
  label: flavour === 'mariadb' ? 'MariaDB' : 'MySQL',
  ...languageOf(flavour),
  transactionalDdl: false,
  connect: (uri, options) => connect(dialects, uri, options),
});

const dialects: Readonly<Record<Flavour, Dialect>> = {
  mysql: dialectOf('mysql'),
  mariadb: dialectOf('mariadb'),
};

/** MySQL and MariaDB; which of the two a server is shows when it is connected to. */
export const { mysql } = dialects;
