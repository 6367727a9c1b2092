"""The rows of a database as one number a table, whatever their order: the sum of a hash of each row.

Values are hashed in the server's shortest text that reads back as the same value, so that two floats are equal
only if they are the same; NaN equals NaN. Numbers can be compared between databases of one kind that one process read.
"""

import sqlalchemy


def rows(url: str) -> dict:
    """{table: [rows, digest]} of every table, alembic_version too."""
    engine = sqlalchemy.create_engine(url, poolclass=sqlalchemy.pool.NullPool)
    with engine.connect() as connection:
        inspector = sqlalchemy.inspect(connection)
        found = {}
        for table in inspector.get_table_names():
            # By name: MLflow's order of columns is compared with the schema.
            columns = sorted(column["name"] for column in inspector.get_columns(table))
            found[table] = DIGESTS[engine.dialect.name](connection, table, columns)
    return found


def _sqlite(connection, table, columns):
    count = total = 0
    cursor = connection.connection.cursor()
    cursor.execute(f'SELECT {", ".join(chr(34) + column + chr(34) for column in columns)} FROM "{table}"')
    for row in cursor:
        count += 1
        total += hash(repr(row))  # repr tells 1 from 1.0
    return [count, str(total)]


def _postgresql(connection, table, columns):
    row = ", ".join(f't."{column}"' for column in columns)
    count, total = connection.exec_driver_sql(
        f"SELECT count(*), sum(('x' || substr(md5(ROW({row})::text), 1, 16))::bit(64)::bigint::numeric) "
        f'FROM "{table}" t').one()
    return [count, str(total)]


def _mysql(connection, table, columns):
    # MySQL 9.7 has no MD5. QUOTE tells NULL from 'NULL', and the commas between values from those in them.
    row = ", ".join(f"QUOTE(`{column}`)" for column in columns)
    count, total = connection.exec_driver_sql(
        f"SELECT COUNT(*), SUM(CAST(CONV(SUBSTRING(SHA2(CONCAT_WS(',', {row}), 256), 1, 15), 16, 10) AS DECIMAL(20))) "
        f"FROM `{table}`").one()
    return [count, str(total)]


DIGESTS = {"sqlite": _sqlite, "postgresql": _postgresql, "mysql": _mysql, "mariadb": _mysql}
