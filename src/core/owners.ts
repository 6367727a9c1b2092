interface Owner {
  readonly who: string;
  readonly hint: string;
}

/** Applications that also keep an `alembic_version`, and tables that give them away. */
const known: readonly { readonly tables: readonly string[]; readonly name: string }[] = [
  { tables: ['studies', 'trials'], name: 'Optuna' },
  { tables: ['dag', 'dag_run'], name: 'Apache Airflow' },
  { tables: ['ab_user', 'slices'], name: 'Apache Superset' },
  { tables: ['users', 'experiment_permissions'], name: "MLflow's basic-auth plugin" },
];

/** Who probably owns a database with an unknown stamp. */
export function describeOwner(stamp: string, tables: readonly string[]): Owner {
  const mlflow = tables.includes('experiments') && tables.includes('runs');
  const other = known.find((owner) => owner.tables.every((name) => tables.includes(name)));
  if (other && mlflow)
    return {
      who: `${other.name} seems to share this database and its alembic_version with MLflow`,
      hint: 'one of the two must move to a database (or a PostgreSQL schema) of its own before an upgrade',
    };
  if (other)
    return {
      who: `this looks like the database of ${other.name}`,
      hint: 'check the URI; upgrade it with its own tool',
    };
  if (mlflow)
    return {
      who: 'a newer MLflow has probably written it',
      hint: `use an mltrack that knows revision ${JSON.stringify(stamp)}; nothing was changed`,
    };
  return { who: 'another application owns it', hint: 'check the URI; nothing was changed' };
}
