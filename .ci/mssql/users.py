"""Databases of MLflow's to which somebody has added objects of their own: an upgrade must go through, and keep them."""

from copy import deepcopy

# revision (None: the base) → what was added before the upgrade
ADDED = {
    None: [
        "CREATE INDEX user_status ON runs (status, start_time DESC)",
        "CREATE INDEX user_tag ON tags ([key]) INCLUDE (run_uuid)",
        "ALTER TABLE runs ADD CONSTRAINT user_check CHECK (status IN ('FINISHED', 'RUNNING'))",
        "ALTER TABLE params ADD user_note varchar(20) NULL DEFAULT 'x'",
        "CREATE TABLE user_notes (run varchar(32) NOT NULL, CONSTRAINT user_pk PRIMARY KEY (run), "
        "CONSTRAINT user_fk FOREIGN KEY (run) REFERENCES runs (run_uuid) ON DELETE CASCADE)",
    ],
    "8b6ad64cb8f5": [
        "CREATE UNIQUE INDEX user_version ON mcp_server_versions (version, workspace, name)",
        "CREATE INDEX user_alias ON mcp_server_aliases (version) INCLUDE (workspace)",
        "ALTER TABLE mcp_access_endpoints ADD CONSTRAINT user_one UNIQUE (server_version, workspace, server_name)",
        "ALTER TABLE mcp_server_aliases ADD CONSTRAINT user_check CHECK (version IN ('1', '2'))",
    ],
}


def with_users(states):
    """(revision, server, what the user has there)"""
    for revision, server in states:
        if revision in ADDED:
            mine = deepcopy(server)
            for sql in ADDED[revision]:
                mine.execute(sql)
            yield revision, mine, owned(mine)


def owned(server):
    """The facts of everything whose name begins with user_."""
    found = {}
    for table in server.tables.values():
        parts = [*table.indexes, *table.uniques, *table.checks, *table.foreign_keys, *table.columns]
        for part in parts:
            if part.name.startswith("user_"):
                found[f"{table.name}.{part.name}"] = part.facts()
        if table.name.startswith("user_"):
            found[table.name] = table.facts()
    return found


def lost(server, before):
    """The user's objects that are gone or are no longer as they were."""
    after = owned(server)
    return sorted(name for name, facts in before.items() if after.get(name) != facts)
