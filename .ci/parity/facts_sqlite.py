"""A SQLite database's schema: the inspector's view, and what only PRAGMAs and sqlite_master tell."""

import contextlib
import re
import sqlite3

import sqlalchemy

import facts_common

# Kept in the file's header: an upgrade must leave them as they were.
FILE_PRAGMAS = ("encoding", "journal_mode", "auto_vacuum", "page_size", "user_version", "application_id")


def read(engine) -> dict:
    """{object: facts}: one entry for each table, view and trigger, and one for the file."""
    found = facts_common.inspected(sqlalchemy.inspect(engine))
    with engine.connect() as connection:
        query = connection.exec_driver_sql
        master = query("SELECT type, name, tbl_name, sql FROM sqlite_master").fetchall()
        flags = {row.name: {"without rowid": row.wr, "strict": row.strict}
                 for row in query("PRAGMA table_list") if row.schema == "main"}
        facts = {"the file": _file(query, master)}
        for row in master:
            if row.type == "table":
                facts[f"table {row.name}"] = (found.get(row.name, {}) | flags[row.name]
                                              | _table(query, row.name, row.sql))
            elif row.type in ("view", "trigger"):
                facts[f"{row.type} {row.name}"] = {"on": row.tbl_name, "sql": facts_common.sql(row.sql)}
    return facts


def _file(query, master):
    facts = {name: query(f"PRAGMA {name}").scalar() for name in FILE_PRAGMAS}
    facts["integrity"] = [row[0] for row in query("PRAGMA integrity_check")]
    # By parent and key columns; the rowid of a child differs after some rebuilds and not others.
    facts["broken foreign keys"] = sorted(map(repr, {(row[0], row[2]) for row in query("PRAGMA foreign_key_check")}))
    if any(row.name == "sqlite_sequence" for row in master):
        facts["sqlite_sequence"] = sorted(tuple(row) for row in query("SELECT name, seq FROM sqlite_sequence"))
    return facts


def _table(query, table, sql):
    if table.startswith("sqlite_"):
        return {}
    columns = [row._asdict() for row in query(f'PRAGMA table_xinfo("{table}")')]
    keys = {}
    for row in query(f'PRAGMA foreign_key_list("{table}")'):
        keys.setdefault(row.id, []).append(tuple(row)[1:])
    indexes = {row.name: {"unique": row.unique, "origin": row.origin, "partial": row.partial,
                          "columns": [tuple(c) for c in query(f'PRAGMA index_xinfo("{row.name}")')]}
               for row in query(f'PRAGMA index_list("{table}")')}
    # The automatic ones are numbered in the order of their constraints, which means nothing.
    named = {name: index for name, index in indexes.items() if index["origin"] == "c"}
    texts = dict(query("SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL"
                       " AND tbl_name = ?", (table,)).fetchall())
    return {"PRAGMA table_xinfo": columns,
            "PRAGMA foreign_key_list": sorted(keys.values()),
            "PRAGMA index_list": {name: index | {"sql": facts_common.sql(_unquoted(texts[name]))}
                                  for name, index in named.items()},
            "constraint indexes": sorted(([index["origin"], index["columns"]] for name, index in indexes.items()
                                          if name not in named), key=repr),
            "collations": _collations(sql, table, [c["name"] for c in columns]),
            "autoincrement": re.search(r"\bAUTOINCREMENT\b", sql, re.I) is not None,
            "conflict clauses": sorted(re.findall(r"\bON\s+CONFLICT\s+\w+", sql, re.I)),
            "deferred": sorted(re.findall(r"\bDEFERRABLE\b[^,)]*", sql, re.I))}


def _unquoted(sql):
    """Index texts may quote a name that needs no quotes."""
    return re.sub(r'"(\w+)"', r"\1", sql)


def _collations(sql, table, names):
    """No PRAGMA tells a column's collation, but an index inherits it: make one, in memory."""
    with contextlib.closing(sqlite3.connect(":memory:")) as scratch:
        scratch.execute(sql)
        listed = ", ".join(f'"{name}"' for name in names)
        scratch.execute(f'CREATE INDEX probe ON "{table}" ({listed})')
        return [row[4] for row in scratch.execute("PRAGMA index_xinfo(probe)") if row[5]]
