"""What the catalog views of SQL Server would tell of the stand-in's tables, in the server's words.

The rows have the names that the queries of src/dialects/mssql/introspect*.ts give their columns.
"""

import re

_LENGTHS = {"int": 4, "bigint": 8, "bit": 1, "date": 3, "float": 8}


def catalog(server):
    tables = list(server.tables.values())
    return {
        "tables": [{"name": table.name} for table in tables],
        "columns": [_column(table, column) for table in tables for column in table.columns],
        "indexes": [row for table in tables for row in _indexes(table)],
        "foreign_keys": [row for table in tables for key in table.foreign_keys for row in _key(table, key)],
        "check_constraints": [
            {"owner": table.name, "name": check.name, "expression": _told(check.expression)}
            for table in tables
            for check in table.checks
        ],
        "triggers": [
            {"owner": table.name, "name": name, "sql": f"CREATE TRIGGER {name} ON {table.name} {body}"}
            for table in tables
            for name, body in table.triggers.items()
        ],
    }


def _column(table, column):
    # A computed column has the type of its expression; MLflow's only one adds two BIGINTs.
    kind, _, size = (column.type or "bigint").rstrip(")").partition("(")
    length = _LENGTHS.get(kind) or (-1 if size == "max" else int(size) * (2 if kind == "nvarchar" else 1))
    return {
        "owner": table.name, "name": column.name, "type": kind, "alias": False, "length": length,
        "precision": 53 if kind == "float" else 0, "scale": 0, "nullable": column.nullable,
        "counts": column.identity, "collation": column.collation,
        "value": None if column.default is None else _default(column.default),
        "expression": None if column.computed is None else f"([{column.computed.split()[0]}]-[{column.computed.split()[2]}])",
        "stored": None if column.computed is None else "persisted" in column.computed,
    }  # fmt: skip


def _default(text):
    """`('0')` for a string, `((0))` for a number."""
    return f"({text})" if text.startswith("'") else f"(({text}))"


def _told(expression):
    """`a in 'x' , 'y'` as the server keeps it: `([a]='y' OR [a]='x')`."""
    column, _, values = expression.partition(" in ")
    if not re.fullmatch(r"\w+", column) or not values:
        raise ValueError(f"no words known for the check {expression}")
    return "(" + " OR ".join(f"[{column}]={value}" for value in reversed(values.split(" , "))) + ")"


def _indexes(table):
    parts = [(table.primary_key, "key")] if table.primary_key else []
    parts += [(unique, "constraint") for unique in table.uniques] + [
        (index, "index") for index in table.indexes
    ]
    for number, (part, kind) in enumerate(parts, 1):
        include = getattr(part, "include", [])
        for position, text in [*enumerate(part.columns, 1), *((0, name) for name in include)]:
            yield {
                "owner": table.name, "id": number, "name": part.name,
                "type": "CLUSTERED" if kind == "key" else "NONCLUSTERED",
                "isunique": kind != "index" or part.unique, "iskey": kind == "key",
                "isconstraint": kind == "constraint", "filter": None, "ignores": False, "factor": 0,
                "column": text.removesuffix(" DESC"), "position": position,
                "descending": text.endswith(" DESC"), "included": position == 0,
            }  # fmt: skip


def _key(table, key):
    told = lambda action: (action or "NO ACTION").replace(" ", "_")  # noqa: E731
    for column, ref_column in zip(key.columns, key.ref_columns):
        yield {
            "owner": table.name, "id": abs(hash((table.name, key.name))), "name": key.name,
            "target": key.ref_table, "ondelete": told(key.on_delete), "onupdate": told(key.on_update),
            "column": column, "refcolumn": ref_column,
        }  # fmt: skip
