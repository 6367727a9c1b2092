"""SQLAlchemy's inspector for SQL Server, answered from the stand-in."""

import sqlalchemy as sa
from sqlalchemy.dialects import mssql

_SQLALCHEMY_TYPES = {
    "int": sa.Integer, "bigint": sa.BigInteger, "bit": mssql.BIT, "date": sa.Date, "float": mssql.FLOAT,
}  # fmt: skip


def answer_inspector(dialect, recorder):
    """Replaces what asks the catalog, method by method; what is not replaced fails on its first question."""
    server = recorder.server

    def table_names(connection, schema=None, **kw):
        return sorted(server.tables)

    def has_table(connection, table_name, schema=None, **kw):
        return table_name in server.tables or (
            table_name == "alembic_version" and recorder.version is not None
        )

    def has_tables(connection, table_names, schema=None, **kw):
        return {(schema, name): has_table(connection, name) for name in table_names}.items()

    def columns(connection, table_name, schema=None, **kw):
        return [
            {
                "name": c.name,
                "type": reflected(c),
                "nullable": c.nullable,
                "default": c.default,
                "autoincrement": c.identity,
            }
            for c in server.table(table_name).columns
        ]

    def foreign_keys(connection, table_name, schema=None, **kw):
        return [
            {
                "name": k.name, "constrained_columns": k.columns, "referred_schema": None,
                "referred_table": k.ref_table, "referred_columns": k.ref_columns, "options": {},
            }
            for k in server.table(table_name).foreign_keys
        ]  # fmt: skip

    def primary_key(connection, table_name, schema=None, **kw):
        key = server.table(table_name).primary_key
        return {"constrained_columns": key.columns if key else [], "name": key.name if key else None}

    def indexes(connection, table_name, schema=None, **kw):
        table = server.table(table_name)
        # The real one tells unique constraints too: they are indexes there.
        return [
            {
                "name": i.name,
                "column_names": i.columns,
                "unique": unique,
                "include_columns": [],
                "dialect_options": {},
            }
            for i, unique in [*[(u, True) for u in table.uniques], *[(i, i.unique) for i in table.indexes]]
        ]

    dialect.get_table_names, dialect.has_table = table_names, has_table
    dialect.has_multi_table = has_tables
    dialect.get_columns, dialect.get_foreign_keys = columns, foreign_keys
    dialect.get_pk_constraint, dialect.get_indexes = primary_key, indexes
    keyed = lambda one: (
        lambda connection, schema=None, filter_names=None, **kw: {  # noqa: E731
            (schema, name): one(connection, name, schema) for name in filter_names or sorted(server.tables)
        }
    )
    dialect.get_multi_columns, dialect.get_multi_foreign_keys = keyed(columns), keyed(foreign_keys)
    dialect.get_multi_pk_constraint, dialect.get_multi_indexes = keyed(primary_key), keyed(indexes)
    dialect.get_multi_check_constraints = lambda *a, **k: {}
    dialect.get_multi_table_comment = dialect.get_multi_unique_constraints = lambda *a, **k: {}


def reflected(column):
    kind, _, size = column.type.rstrip(")").partition("(")
    if kind in ("varchar", "nvarchar"):
        kinds = {"varchar": sa.VARCHAR, "nvarchar": sa.NVARCHAR}
        return kinds[kind](None if size == "max" else int(size), collation=column.collation)
    return _SQLALCHEMY_TYPES.get(kind, sa.types.NullType)()
