"""What two collections of the same database left, compared row by row and file by file."""

from collections import Counter

import intended


def tables(theirs, ours, look, selection):
    """Yield ("used", name) for each difference that explains something and ("differs", line) for what none does."""
    for table in sorted(theirs.keys() | ours.keys()):
        if table not in theirs or table not in ours:
            yield "differs", f"{table}: only one has this table"
            continue
        columns = theirs[table].columns
        left = Counter(map(_key, theirs[table].rows))
        right = Counter(map(_key, ours[table].rows))
        left, right = left - right, right - left
        for difference in intended.DIFFERENCES:
            if difference.table == table and (not difference.selections or selection in difference.selections):
                if _explain(difference, columns, left, right, look):
                    yield "used", difference.name
        for who, rest in (("mlflow gc", left), ("mltrack", right)):
            for row, count in rest.items():
                yield "differs", f"{table}: only {who} left {count} x {_named(columns, row)}"


def files(theirs, ours, look, selection):
    """The same for two sets of paths."""
    left, right = theirs - ours, ours - theirs
    for difference in intended.FILES:
        if not difference.selections or selection in difference.selections:
            side = right if difference.kind == "kept" else left
            explained = {path for path in side if difference.holds(path, look)}
            side -= explained
            if explained:
                yield "used", difference.name
    for who, rest in (("mlflow gc", left), ("mltrack", right)):
        for path in sorted(rest):
            yield "differs", f"only {who} left the file {path}"


def _explain(difference, columns, left, right, look):
    side = right if difference.kind == "kept" else left
    found = [row for row in side if difference.holds(_named(columns, row), look)]
    if difference.kind == "cleared":
        at = columns.index(difference.column)
        pairs = [(row, (*row[:at], None, *row[at + 1:])) for row in found if row[at] is not None]
        found = [row for row, cleared in pairs if right[cleared] == left[row]]
        for row, cleared in pairs:
            if row in found:
                del right[cleared]
    for row in found:
        del side[row]
    return bool(found)


def _key(row):
    return tuple(None if value is None else tuple(value) for value in row)


def _named(columns, row):
    return {name: None if value is None else value[1] for name, value in zip(columns, row)}
