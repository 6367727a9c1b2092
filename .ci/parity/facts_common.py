"""The schema as SQLAlchemy's inspector reads it, as plain comparable values."""

import re

import sqlalchemy


def inspected(inspector, schema: str | None = None) -> dict:
    """{table: {"columns", "primary key", ...}} of one schema, constraints and indexes sorted."""
    readers = {"columns": inspector.get_multi_columns, "primary key": inspector.get_multi_pk_constraint,
               "foreign keys": inspector.get_multi_foreign_keys,
               "unique constraints": inspector.get_multi_unique_constraints,
               "checks": inspector.get_multi_check_constraints, "indexes": inspector.get_multi_indexes}
    tables = {}
    for what, read in readers.items():
        for (_, table), found in read(schema=schema).items():
            keep_order = what in ("columns", "primary key")
            plain = _plain(found or [])
            tables.setdefault(table, {})[what] = plain if keep_order else sorted(plain, key=repr)
    return tables


def sql(text: str | None) -> str | None:
    """SQL text with one space for any white space and upper case outside quotes: the only
    differences in spelling that are none."""
    if text is None:
        return None
    parts = re.split(r"('(?:[^']|'')*'|\"(?:[^\"]|\"\")*\")", text)
    spaced = [part if quoted else re.sub(r"\s*([(),])\s*", r"\1", re.sub(r"\s+", " ", part)).upper()
              for part, quoted in zip(parts, [False, True] * len(parts))]
    return "".join(spaced).strip()


def _plain(value):
    if isinstance(value, dict):
        return {str(key): sql(part) if key == "sqltext" else _plain(part) for key, part in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(part) for part in value]
    if isinstance(value, (str, int, float, bool)) or value is None:
        return value
    # A type, or an expression like a partial index's condition.
    return repr(value) if isinstance(value, sqlalchemy.types.TypeEngine) else str(value)
