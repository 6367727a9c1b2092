"""A PostgreSQL database's schema: the inspector's view, and the server's own definitions."""

import sqlalchemy

import facts_common

# Each query gives (object, fact, ...): the object's name first. `public.` is left off.
NAMESPACE = """n.nspname NOT LIKE 'pg\\_%%' AND n.nspname <> 'information_schema'"""
NAME = "CASE WHEN n.nspname = 'public' THEN '' ELSE n.nspname || '.' END || "

COLUMNS = f"""
SELECT {NAME} c.relname, a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull, a.attidentity,
       a.attgenerated, pg_get_expr(d.adbin, d.adrelid), co.collname, col_description(c.oid, a.attnum)
FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid JOIN pg_namespace n ON n.oid = c.relnamespace
LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
LEFT JOIN pg_collation co ON co.oid = a.attcollation
WHERE {NAMESPACE} AND c.relkind IN ('r', 'p', 'v', 'm') AND a.attnum > 0 AND NOT a.attisdropped
ORDER BY c.oid, a.attnum"""

CONSTRAINTS = f"""
SELECT {NAME} c.relname, k.conname, k.contype, pg_get_constraintdef(k.oid), k.condeferrable,
       k.condeferred, k.convalidated
FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE {NAMESPACE} ORDER BY 1, 2"""

INDEXES = f"""
SELECT {NAME} c.relname, x.relname, pg_get_indexdef(i.indexrelid), i.indisvalid, i.indisclustered,
       i.indisprimary, i.indisreplident
FROM pg_index i JOIN pg_class c ON c.oid = i.indrelid JOIN pg_class x ON x.oid = i.indexrelid
JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE {NAMESPACE} ORDER BY 1, 2"""

TRIGGERS = f"""
SELECT {NAME} c.relname, t.tgname, pg_get_triggerdef(t.oid), t.tgenabled
FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE {NAMESPACE} AND NOT t.tgisinternal ORDER BY 1, 2"""

RELATIONS = f"""
SELECT {NAME} c.relname, c.relkind, c.relpersistence, c.reloptions, pg_get_userbyid(c.relowner),
       obj_description(c.oid, 'pg_class'), CASE WHEN c.relkind = 'v' THEN pg_get_viewdef(c.oid) END
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE {NAMESPACE} AND c.relkind IN ('r', 'p', 'v', 'm') ORDER BY 1"""

# With the column that owns it.
SEQUENCES = f"""
SELECT {NAME} s.sequencename, s.data_type::text, s.start_value, s.min_value, s.max_value,
       s.increment_by, s.cycle, s.cache_size, dc.relname, a.attname, d.deptype
FROM pg_sequences s JOIN pg_namespace n ON n.nspname = s.schemaname
JOIN pg_class c ON c.relname = s.sequencename AND c.relnamespace = n.oid
LEFT JOIN pg_depend d ON d.objid = c.oid AND d.classid = 'pg_class'::regclass AND d.deptype IN ('a', 'i')
LEFT JOIN pg_class dc ON dc.oid = d.refobjid
LEFT JOIN pg_attribute a ON a.attrelid = d.refobjid AND a.attnum = d.refobjsubid
ORDER BY 1"""

FUNCTIONS = f"""
SELECT {NAME} p.proname, pg_get_functiondef(p.oid)
FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
WHERE {NAMESPACE} AND p.prokind IN ('f', 'p') ORDER BY 1, 2"""

TYPES = f"""
SELECT {NAME} t.typname, t.typtype, ARRAY(SELECT e.enumlabel::text FROM pg_enum e
       WHERE e.enumtypid = t.oid ORDER BY e.enumsortorder)
FROM pg_type t JOIN pg_namespace n ON n.oid = t.typnamespace
WHERE {NAMESPACE} AND t.typtype IN ('e', 'd', 'r') ORDER BY 1"""

SCHEMAS = f"SELECT n.nspname, pg_get_userbyid(n.nspowner) FROM pg_namespace n WHERE {NAMESPACE} ORDER BY 1"


def read(engine) -> dict:
    """{object: facts}: one entry for each relation, and for the database's other objects by kind."""
    inspector = sqlalchemy.inspect(engine)
    facts = {f"table {table}": found for table, found in facts_common.inspected(inspector).items()}
    with engine.connect() as connection:
        def grouped(query):
            rows = {}
            for name, *values in connection.exec_driver_sql(query).fetchall():
                rows.setdefault(name, []).append(values)
            return rows

        for what, query in (("catalog columns", COLUMNS), ("constraint definitions", CONSTRAINTS),
                            ("index definitions", INDEXES), ("triggers", TRIGGERS), ("relation", RELATIONS)):
            for name, values in grouped(query).items():
                facts.setdefault(f"table {name}", {})[what] = values
        for what, query in (("sequence", SEQUENCES), ("function", FUNCTIONS), ("type", TYPES),
                            ("schema", SCHEMAS)):
            facts |= {f"{what} {name}": {"definition": values} for name, values in grouped(query).items()}
        # pg_sequences shows no value for a sequence that was set but not called; the sequence does.
        for name in [key.removeprefix("sequence ") for key in facts if key.startswith("sequence ")]:
            state = connection.exec_driver_sql(f"SELECT last_value, is_called FROM {name}").one()
            facts[f"sequence {name}"]["last value, called"] = list(state)
    return facts
