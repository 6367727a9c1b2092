"""Complete rows for any table: what hand-made rows leave open, and whole rows where there are none."""

from seeds import kinds

ROWS = kinds.FLAVOURS  # a row for every flavour of a value


def order(tables: dict) -> list:
    """The table names, every parent before its children."""
    done = []

    def visit(name, waiting=()):
        if name in done or name not in tables:
            return
        if name in waiting:
            raise ValueError(f"foreign keys go round in a circle: {' -> '.join((*waiting, name))}")
        for foreign_key in tables[name]["foreignKeys"]:
            if foreign_key["refTable"] != name:
                visit(foreign_key["refTable"], (*waiting, name))
        done.append(name)

    for name in sorted(tables):
        visit(name)
    return done


def rows(context, table: str, given: list | None) -> list:
    """Rows ready to insert: `given` ones completed, or six invented ones; no key twice."""
    schema = context.tables[table]
    completed = [_complete(context, table, schema, number, row)
                 for number, row in enumerate(given if given is not None else [{}] * ROWS)]
    return _distinct(schema, completed)


def _complete(context, table, schema, number, given):
    # MariaDB tells a column without a default by the default NULL.
    columns = {c["name"]: _with_json(c, schema["checks"]) for c in schema["columns"] if c["generated"] is None}
    row = {name: value for name, value in given.items() if name in columns}
    for foreign_key in schema["foreignKeys"]:
        _follow(context, table, columns, number, row, foreign_key)
    keyed = {name for key in _keys(schema) for name in key}
    for name, column in columns.items():
        if name in row or column["identity"] is not None:
            continue
        if (hinted := _hinted(table, name, schema["checks"])) is not None:
            row[name] = hinted[number % len(hinted)]
        elif name in keyed:
            row[name] = kinds.key_value(table, column, number)
        elif column["default"] in (None, "NULL") or kinds.flavour(table, name, number) % 3:
            row[name] = kinds.plain_value(table, column, number, context.readable)
    return row


def _with_json(column, checks):
    """MariaDB's JSON is a text with a CHECK."""
    is_json = any(check["expression"] == f"json_valid(`{column['name']}`)" for check in checks)
    return column | {"type": "json"} if is_json else column


def _hinted(table, column, checks):
    for place in ((table, column), ("*", column)):
        if place in kinds.HINTS:
            return kinds.HINTS[place]
    return kinds.allowed_by_checks(column, checks) or None


def _follow(context, table, columns, number, row, foreign_key):
    """Point a foreign key that the given row leaves open at a seeded parent, or at none."""
    if all(name in row for name in foreign_key["columns"]):
        return
    parents = context.rows[foreign_key["refTable"]]
    may_be_null = all(columns[name]["nullable"] for name in foreign_key["columns"])
    none = may_be_null and kinds.flavour(table, foreign_key["columns"][0], number) == 1
    parent = None if none else parents[number % len(parents)]
    for name, target in zip(foreign_key["columns"], foreign_key["refColumns"]):
        row[name] = None if parent is None else parent[target]


def _keys(schema):
    primary = [schema["primaryKey"]["columns"]] if schema["primaryKey"] else []
    unique = [[c["name"] for c in index["columns"]] for index in schema["indexes"]
              if index["unique"] and index["where"] is None]
    return [*primary, *(key["columns"] for key in schema["uniques"]), *unique]


def _distinct(schema, candidates):
    """Without rows whose primary or unique key is taken; hand-made rows may collide in old states
    (metrics had no step column once)."""
    taken, kept = set(), []
    for row in candidates:
        keys = [(number, *(_fold(row.get(name)) for name in key))
                for number, key in enumerate(_keys(schema))
                if all(row.get(name) is not None for name in key)]
        if not taken.intersection(keys):
            taken.update(keys)
            kept.append(row)
    return kept


def _fold(value):
    return value.casefold() if isinstance(value, str) else value
