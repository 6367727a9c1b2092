import type { ServerKind } from '../support/server-kinds.js';
import type { Writer } from './edit.js';
import { mariadb, mysql } from './mysql.js';
import { postgresql } from './postgres.js';
import { sqlite } from './sqlite.js';

export const writers: Readonly<Record<ServerKind, Writer>> = { sqlite, postgresql, mysql, mariadb };
