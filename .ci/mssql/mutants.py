"""Wrong versions of mltrack's statements: the comparison must notice every one, or it proves nothing."""

import re
from copy import deepcopy

# (what it does, pattern, replacement): applied to the first statement that the pattern changes.
_MUTATIONS = (
    ("a VARCHAR one shorter", r"varchar\((\d+)\)", lambda m: f"varchar({int(m[1]) - 1})"),
    ("NULL for NOT NULL", r"(varchar\(500\)|int|bigint|bit) NOT NULL", r"\1 NULL"),
    ("a default left out", r" DEFAULT '0'", ""),
    ("another default", r"DEFAULT 'default'", "DEFAULT 'defaults'"),
    ("a foreign key without its action", r" ON DELETE CASCADE", ""),
    ("a foreign key without ON UPDATE", r" ON UPDATE CASCADE", ""),
    (
        "a unique constraint of another name",
        r"CONSTRAINT uq_experiments_workspace_name",
        "CONSTRAINT uq_experiments",
    ),
    ("a primary key in other order", r"PRIMARY KEY \(workspace, name\)", "PRIMARY KEY (name, workspace)"),
    ("an index on one column less", r"(CREATE INDEX \S+ ON \S+ \(\w+), \w+\)", r"\1)"),
    ("an index that is unique", r"CREATE INDEX", "CREATE UNIQUE INDEX"),
    ("a check with a value more", r"'KILLED'", "'KILLED', 'PAUSED'"),
    ("no collation", r" COLLATE SQL_Latin1_General_CP1_CS_AS", ""),
    ("VARCHAR for NVARCHAR", r"nvarchar\(max\)", "varchar(max)"),
    ("no IDENTITY", r" IDENTITY", ""),
    ("a computed column that is not stored", r" PERSISTED", ""),
    ("a trigger on another event", r"AFTER UPDATE", "AFTER DELETE"),
    ("a renamed column of another name", r"N'job_name', N'COLUMN'", "N'job_names', N'COLUMN'"),
)


def _mutate(steps, pattern, replacement):
    """The steps with one statement changed, or None where the pattern is nowhere."""
    for i, step in enumerate(steps):
        for j, sql in enumerate(step["statements"]):
            changed = re.sub(pattern, replacement, sql, count=1)
            if changed != sql:
                mutant = deepcopy(steps)
                mutant[i]["statements"][j] = changed
                return mutant
    return None


def _left_out(steps):
    """Every 40th statement left out, one at a time."""
    places = [(i, j) for i, step in enumerate(steps) for j, _ in enumerate(step["statements"])]
    for i, j in places[::40]:
        sql = steps[i]["statements"][j]
        if re.match(r"INSERT|DECLARE", sql):
            continue
        mutant = deepcopy(steps)
        del mutant[i]["statements"][j]
        yield f"{steps[i]['revision']} without {sql[:60]!r}", mutant


def _all(steps):
    for title, pattern, replacement in _MUTATIONS:
        yield title, _mutate(steps, pattern, replacement)
    yield from _left_out(steps)


def count(steps):
    return sum(1 for _ in _all(steps))


def unnoticed(steps, theirs, compare):
    """Titles of the mutants that compare as equal, or that changed nothing."""
    return [title for title, mutant in _all(steps) if mutant is None or not compare(mutant, theirs)]
