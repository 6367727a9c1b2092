"""What DDL leaves behind: tables as SQL Server would hold them, and their differences."""

from dataclasses import dataclass, field


@dataclass
class Column:
    name: str
    type: str
    nullable: bool = True
    collation: str | None = None
    default: str | None = None
    default_name: str | None = None
    identity: bool = False
    computed: str | None = None

    def facts(self):
        return (
            self.name,
            self.type,
            self.nullable,
            self.collation,
            self.default,
            self.identity,
            self.computed,
        )


@dataclass
class Key:
    """A primary key or unique constraint. `system`: the server chose the name."""

    name: str
    columns: list
    system: bool = False

    def facts(self):
        return (None if self.system else self.name, tuple(self.columns))


@dataclass
class ForeignKey:
    name: str
    columns: list
    ref_table: str
    ref_columns: list
    on_delete: str | None = None
    on_update: str | None = None
    system: bool = False

    def facts(self):
        return (
            None if self.system else self.name, tuple(self.columns), self.ref_table,
            tuple(self.ref_columns), self.on_delete, self.on_update,
        )  # fmt: skip


@dataclass
class Check:
    name: str
    expression: str
    words: frozenset
    system: bool = False

    def facts(self):
        return (None if self.system else self.name, self.expression)


@dataclass
class Index:
    name: str
    columns: list
    unique: bool = False
    include: list = field(default_factory=list)
    where: str | None = None

    def facts(self):
        return (self.name, tuple(self.columns), self.unique, tuple(self.include), self.where)


@dataclass
class Table:
    name: str
    columns: list = field(default_factory=list)
    primary_key: Key | None = None
    uniques: list = field(default_factory=list)
    foreign_keys: list = field(default_factory=list)
    checks: list = field(default_factory=list)
    indexes: list = field(default_factory=list)
    triggers: dict = field(default_factory=dict)

    def column(self, name):
        return next((column for column in self.columns if column.name == name), None)

    def facts(self):
        """Everything that counts, by kind; lists whose order means nothing are sorted."""
        ordered = lambda parts: sorted((part.facts() for part in parts), key=repr)  # noqa: E731
        return {
            "columns": [column.facts() for column in self.columns],
            "primary key": [self.primary_key.facts()] if self.primary_key else [],
            "uniques": ordered(self.uniques),
            "foreign keys": ordered(self.foreign_keys),
            "checks": ordered(self.checks),
            "indexes": ordered(self.indexes),
            "triggers": sorted(self.triggers.items()),
        }


def differences(ours, theirs):
    """Lines that say where two databases (name → table) differ; empty where they do not."""
    found = []
    for name in sorted({*ours, *theirs}):
        if name not in ours or name not in theirs:
            found.append(f"table {name} is only in {'mltrack' if name in ours else 'MLflow'}'s")
            continue
        a, b = ours[name].facts(), theirs[name].facts()
        for part in a:
            if a[part] != b[part]:
                only_a = [fact for fact in a[part] if fact not in b[part]]
                only_b = [fact for fact in b[part] if fact not in a[part]]
                found.append(f"{name}, {part}: mltrack {only_a or 'in other order'}, MLflow {only_b}")
    return found
