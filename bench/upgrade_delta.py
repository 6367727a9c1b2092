"""The least DDL that takes the schema of one database to that of another, by dialect: (before, after) the row work.

Derived from the two schemas rather than typed, so that it covers every state, in the way in which a person would write
it for the server: a table is touched once, nothing is done that another revision would undo, indexes come last.
Columns that rows are moved into come first, columns that they are moved out of go last.
"""

import re
import subprocess


def sqlite(source, head, tables, server):
    """Where the columns of the head begin with those of the source, the text in sqlite_master is changed and no row
    is touched (https://www.sqlite.org/lang_altertable.html); other tables are copied once."""
    def master(connection):
        return {(kind, name): (table, sql) for kind, name, table, sql in connection.exec_driver_sql(
            "SELECT type, name, tbl_name, sql FROM sqlite_master WHERE sql IS NOT NULL").fetchall()}

    old, new = master(source), master(head)
    before, after, swapped = [], [], []
    for (kind, name), (_, sql) in old.items():
        if kind == "index" and new.get((kind, name), (None, None))[1] != sql:
            before.append(f'DROP INDEX "{name}"')
    for (kind, name), (_, sql) in new.items():
        if kind != "table" or old.get((kind, name), (None, None))[1] == sql:
            continue
        if name not in tables:
            before.append(sql)
        elif _extends(source, head, name):
            swapped.append(f"UPDATE sqlite_master SET sql = {_literal(sql)} WHERE type = 'table' AND name = '{name}'")
        else:
            columns = [column for column in _stored(source, name) if column in _stored(head, name)]
            listed = ", ".join(f'"{column}"' for column in columns)
            before.append(re.sub(r'^CREATE TABLE "?\w+"?', f'CREATE TABLE "floor_{name}"', sql))
            after = [f'INSERT INTO "floor_{name}" ({listed}) SELECT {listed} FROM "{name}"',
                     f'DROP TABLE "{name}"', f'ALTER TABLE "floor_{name}" RENAME TO "{name}"', *after]
    if swapped:
        before = ["PRAGMA writable_schema = ON", *swapped, "PRAGMA writable_schema = RESET", *before]
    rebuilt = {statement.split('"')[1].removeprefix("floor_") for statement in after if statement.startswith("INSERT")}
    for (kind, name), (table, sql) in new.items():
        if kind != "table" and (old.get((kind, name), (None, None))[1] != sql or table in rebuilt):
            after.append(sql)
    return before, after


def _literal(text):
    return "'" + text.replace("'", "''") + "'"


def _stored(connection, table):
    """Names of the columns that hold values of their own."""
    return [row.name for row in connection.exec_driver_sql(f'PRAGMA table_xinfo("{table}")') if row.hidden == 0]


def _extends(source, head, table):
    """Whether a row of the source reads as one of the head: the columns begin alike, and the keys are the same."""
    def columns(connection):
        return [(row.name, _affinity(row.type), row.pk, row.hidden)
                for row in connection.exec_driver_sql(f'PRAGMA table_xinfo("{table}")')]

    def keys(connection):
        listed = connection.exec_driver_sql(f'PRAGMA index_list("{table}")').fetchall()
        return [[row.name for row in connection.exec_driver_sql(f'PRAGMA index_info("{index.name}")')]
                for index in listed if index.origin != "c"]

    old, new = columns(source), columns(head)
    added = head.exec_driver_sql(f'PRAGMA table_xinfo("{table}")').fetchall()[len(old):]
    return (new[:len(old)] == old and keys(source) == keys(head)
            and all(row.hidden == 0 and (not row.notnull or row.dflt_value is not None) for row in added))


def _affinity(declared):
    """A length means nothing to SQLite."""
    return re.sub(r"\(.*\)", "", declared)


COLUMNS = """SELECT c.relname, a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull,
  pg_get_expr(d.adbin, d.adrelid), a.attgenerated FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
  LEFT JOIN pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum
  WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r' AND a.attnum > 0 AND NOT a.attisdropped
  ORDER BY c.relname, a.attnum"""
CONSTRAINTS = """SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid), contype FROM pg_constraint
  WHERE connamespace = 'public'::regnamespace AND conrelid <> 0 AND contype <> 'n'"""
INDEXES = """SELECT i.indrelid::regclass::text, i.indexrelid::regclass::text, pg_get_indexdef(i.indexrelid)
  FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid WHERE c.relnamespace = 'public'::regnamespace
  AND NOT EXISTS (SELECT 1 FROM pg_constraint k WHERE k.conindid = i.indexrelid AND k.contype IN ('p', 'u'))"""


def postgresql(source, head, tables, server):
    """One ALTER TABLE a table before and one after; what is new comes from pg_dump."""
    def rows(connection, query):
        found = {}
        for table, name, *values in connection.exec_driver_sql(query.replace("%", "%%")).fetchall():
            found.setdefault(table, {})[name] = values
        return found

    (columns, constraints, indexes) = ([rows(one, query) for one in (source, head)]
                                       for query in (COLUMNS, CONSTRAINTS, INDEXES))
    drops, before, after, late = [], [], [], []
    for table in tables:
        def changed(pair, table=table):
            old, new = (side.get(table, {}) for side in pair)
            return ({name: old[name] for name in old if old[name] != new.get(name)},
                    {name: new[name] for name in new if new[name] != old.get(name)})

        gone, added = changed(constraints)
        drops += [f"ALTER TABLE {table} DROP CONSTRAINT {name}" for name, (_, kind) in gone.items() if kind == "f"]
        first = [f"DROP CONSTRAINT {name}" for name, (_, kind) in gone.items() if kind != "f"]
        removed, present = changed(columns)
        for name, (kind, required, default, generated) in present.items():
            if name in removed:
                first += _altered(name, columns[0][table][name], columns[1][table][name])
            else:
                stored = f" GENERATED ALWAYS AS ({default}) STORED" if generated else default and f" DEFAULT {default}"
                first.append(f'ADD COLUMN "{name}" {kind}{stored or ""}{" NOT NULL" if required else ""}')
        last = [f'DROP COLUMN "{name}"' for name in removed if name not in present]
        last += [f"ADD CONSTRAINT {name} {text}" for name, (text, kind) in added.items() if kind != "f"]
        late += [f"ALTER TABLE {table} ADD CONSTRAINT {name} {text}" for name, (text, kind) in added.items() if kind == "f"]
        before += [f"ALTER TABLE {table} {', '.join(first)}"] if first else []
        after += [f"ALTER TABLE {table} {', '.join(last)}"] if last else []
        gone, added = changed(indexes)
        drops += [f"DROP INDEX {name}" for name in gone]
        after += [text for (text,) in added.values()]
    # pg_dump takes the sequences of a table that it leaves out.
    known = source.exec_driver_sql("SELECT relname FROM pg_class WHERE relkind = 'S'").scalars().all()

    def dump(section):
        ran = subprocess.run(
            [f"{server.bin_dir}/pg_dump", "-s", "-O", "-x", f"--section={section}", "-h", server.host, "-p", str(server.port),
             "-U", server.user, *[f"-T{name}" for name in [*tables, *known]], head.engine.url.database],
            check=True, stdout=subprocess.PIPE, text=True)
        text = ran.stdout.replace("CREATE FUNCTION", "CREATE OR REPLACE FUNCTION")  # there may be one
        return re.sub(r"^(SET |SELECT pg_catalog|--|\\).*$", "", text, flags=re.MULTILINE).strip().removesuffix(";")

    parts = [dump(section) for section in ("pre-data", "post-data")]
    return [*drops, *before, *filter(None, parts[:1])], [*after, *filter(None, parts[1:]), *late]


def _altered(name, old, new):
    """Sub-commands for a column that both have."""
    if old[0] != new[0]:
        yield f'ALTER COLUMN "{name}" TYPE {new[0]}'
    if old[1] != new[1]:
        yield f'ALTER COLUMN "{name}" {"SET" if new[1] else "DROP"} NOT NULL'
    if old[2] != new[2]:
        yield f'ALTER COLUMN "{name}" ' + (f"SET DEFAULT {new[2]}" if new[2] else "DROP DEFAULT")


# Rows move between their columns: they take two passes.
MOVED = ("trace_info", "spans", "assessments")


def mysql(source, head, tables, server):
    """SHOW CREATE TABLE of both, line by line; one ALTER TABLE a table, and one more for foreign keys or for rows
    that move. Foreign keys that change, or whose columns do, go first and come last."""
    def created(connection, table):
        text = connection.exec_driver_sql(f"SHOW CREATE TABLE `{table}`").one()[1]
        return [line.strip().removesuffix(",") for line in text.split("\n")[1:-1]]

    query = head.exec_driver_sql
    listed = query("SELECT TABLE_NAME FROM information_schema.TABLES WHERE TABLE_SCHEMA = DATABASE() "
                   "AND TABLE_TYPE = 'BASE TABLE' ORDER BY TABLE_NAME").scalars().all()
    pairs = {table: (created(source, table), created(head, table)) for table in listed if table in tables}
    drops, keys = _foreign_keys(pairs)
    altered, after = [], []
    for table, (old, new) in pairs.items():
        first, last = _changes(old, new)
        moved = table in MOVED
        altered += _alter(table, first if moved else first + last)
        after += _alter(table, last) if moved else []
    made = [query(f"SHOW CREATE TABLE `{table}`").one()[1] for table in listed if table not in tables]
    triggers = "SELECT TRIGGER_NAME FROM information_schema.TRIGGERS WHERE TRIGGER_SCHEMA = DATABASE()"
    known = source.exec_driver_sql(triggers).scalars().all()
    for name in [name for name in query(triggers).scalars().all() if name not in known]:
        keys.append(re.sub(r" DEFINER=\S+", "", query(f"SHOW CREATE TRIGGER `{name}`").one()[2]))
    return ["SET SESSION foreign_key_checks = 0", *drops, *altered, *made], [*after, *keys]


def _alter(table, parts):
    return [f"ALTER TABLE `{table}` {', '.join(parts)}"] if parts else []


def _changes(old, new):
    """(columns to add, all else) from the lines of one table, but for foreign keys."""
    gone = [line for line in old if line not in new and " FOREIGN KEY " not in line]
    come = [line for line in new if line not in old and " FOREIGN KEY " not in line]
    was = {_name(line) for line in gone if line.startswith("`")}
    first, last = [], []
    for line in gone:
        if line.startswith("`"):
            stays = any(other.startswith(f"`{_name(line)}`") for other in new)
            last += [] if stays else [f"DROP COLUMN `{_name(line)}`"]
        else:
            kind = "CONSTRAINT" if " CHECK " in line else "KEY"
            last.append("DROP PRIMARY KEY" if line.startswith("PRIMARY") else f"DROP {kind} `{_name(line)}`")
    for line in come:
        if not line.startswith("`"):
            last.append(f"ADD {line}")
        elif _name(line) in was:
            last.append(f"MODIFY COLUMN {line}")
        else:
            at = new.index(line)
            first.append(f"ADD COLUMN {line} " + (f"AFTER `{_name(new[at - 1])}`" if at else "FIRST"))
    return first, last


def _foreign_keys(pairs):
    """(statements that drop, statements that add) the foreign keys that change, and those of columns that do."""
    changed = {(table, _name(line)) for table, (old, new) in pairs.items()
               for line in new if line.startswith("`") and line not in old}

    def touched(table, line):
        own, other, referred = re.search(r"FOREIGN KEY \((.*?)\) REFERENCES `(\w+)` \((.*?)\)", line).groups()
        columns = [(table, name) for name in re.findall(r"`(\w+)`", own)]
        return any(key in changed for key in columns + [(other, name) for name in re.findall(r"`(\w+)`", referred)])

    drops, adds = [], []
    for table, sides in pairs.items():
        old, new = ([line for line in side if " FOREIGN KEY " in line] for side in sides)
        kept = [line for line in old if line in new and not touched(table, line)]
        drops += _alter(table, [f"DROP FOREIGN KEY `{_name(line)}`" for line in old if line not in kept])
        adds += _alter(table, [f"ADD {line}" for line in new if line not in kept])
    return drops, adds


def _name(line):
    return re.search(r"`([^`]+)`", line)[1]
