"""Which rows point at nothing, by queries made from the foreign keys of the database and from the links beside them.

Independent of mltrack's own search: the foreign keys are those that SQLAlchemy reflects, the links come as data.
"""

import json
import subprocess
from pathlib import Path

import sqlalchemy
from sqlalchemy import column, exists, literal, select, table


def exported() -> dict:
    """`softLinks` and `foreignKeyRules` of migrations/links.ts."""
    done = subprocess.run(["node", str(Path(__file__).with_name("links.mjs"))],
                          stdout=subprocess.PIPE, check=True, timeout=60, text=True)
    return json.loads(done.stdout)


def dangling(connection, links) -> dict:
    """({link: its dangling rows as text}, {link: the number of rows that hold it}); links without are not in the first."""
    inspector = sqlalchemy.inspect(connection)
    columns = {name: [found["name"] for found in inspector.get_columns(name)] for name in inspector.get_table_names()}
    lost, held = {}, {}
    for name, child, parent, pairs, conditions, read in _links(inspector, columns, links):
        here, there = table(child, *map(column, columns[child])), table(parent, *map(column, columns[parent])).alias("p")
        # A key with a NULL in it points nowhere on purpose.
        holding = [here.c[a].is_not(None) for a, _ in pairs] + [here.c[a] == value for a, value in conditions.items()]
        if read:
            found = _by_json(connection, here, there, pairs[0], holding, read)
        elif "~>" in name:
            found = _by_text(connection, here, there, pairs[0], holding)
        else:
            absent = ~exists(select(literal(1)).select_from(there).where(*[here.c[a] == there.c[b] for a, b in pairs]))
            found = set(map(str, connection.execute(select(*here.c).where(*holding, absent))))
        held[name] = connection.execute(select(sqlalchemy.func.count()).select_from(here).where(*holding)).scalar()
        if found:
            lost[name] = found
    return lost, held


def _links(inspector, columns, links):
    """(name, table, parent table, pairs of columns, values that must be, (JSON key, column that must be NULL))."""
    for child in columns:
        for key in inspector.get_foreign_keys(child):
            pairs = list(zip(key["constrained_columns"], key["referred_columns"]))
            yield (f"{child}.{'+'.join(a for a, _ in pairs)} -> {key['referred_table']}", child,
                   key["referred_table"], pairs, {}, None)
    for link in links["softLinks"]:
        child, parent, when = link["table"], link["to"], link.get("when", {})
        # The revision may lack the table or the column; a text that is kept on purpose may name what is gone.
        known = (link["column"] in columns.get(child, ()) and link["toColumn"] in columns.get(parent, ())
                 and when.keys() <= set(columns[child]))
        if known and link["onDelete"] != "keep":
            said = " ".join(when.values()) + (f" {link['json']}" if "json" in link else "")
            read = (link["json"], link.get("unless")) if "json" in link else None
            yield (f"{child}.{link['column']} {said} ~> {parent}", child, parent,
                   [(link["column"], link["toColumn"])], when, read)


def _by_json(connection, here, there, pair, holding, read):
    """The same where the id is a text in JSON, read here and not by the server."""
    key, unless = read
    present = set(connection.execute(select(there.c[pair[1]])).scalars())
    where = holding + ([here.c[unless].is_(None)] if unless in here.c else [])
    found = set()
    for row in connection.execute(select(*here.c).where(*where)):
        try:
            said = json.loads(getattr(row, pair[0]))
        except ValueError:
            continue
        if isinstance(said, dict) and isinstance(said.get(key), str) and said[key] not in present:
            found.add(str(row))
    return found


def _by_text(connection, here, there, pair, holding):
    """The same where the id may be a number on one side and a text on the other."""
    present = set(map(str, connection.execute(select(there.c[pair[1]])).scalars()))
    rows = connection.execute(select(*here.c).where(*holding))
    return {str(row) for row in rows if str(getattr(row, pair[0])) not in present}
