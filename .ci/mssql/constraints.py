"""The stand-in's keys, checks and defaults."""

from model import Check, Column, ForeignKey, Key
from refused import Refused
from tokens import Reader, plain


class Constraints:
    @staticmethod
    def is_constraint(reader):
        return any(
            reader.is_at(*words)
            for words in (("constraint",), ("primary", "key"), ("unique",), ("check",), ("foreign", "key"))
        ) or reader.is_at("default")

    def chosen(self, prefix):
        self.numbers += 1
        return f"{prefix}__{self.numbers:08X}"

    def add_constraint(self, table, reader):
        given = reader.name() if reader.take("constraint") else None
        if given and given in self.all_names():
            raise Refused(f"there is already an object named {given}")
        named = lambda prefix: (given or self.chosen(f"{prefix}__{table.name}"), given is None)  # noqa: E731
        if reader.take("primary", "key"):
            reader.take("clustered")
            name, system = named("PK")
            key = Key(name, self.columns_there(table, reader.names()), system)
            if table.primary_key:
                raise Refused(f"{table.name} has a primary key already")
            for column in key.columns:
                if table.column(column).nullable:
                    raise Refused(f"primary key on nullable column {table.name}.{column}")
            table.primary_key = key
        elif reader.take("unique"):
            name, system = named("UQ")
            table.uniques.append(Key(name, self.columns_there(table, reader.names()), system))
        elif reader.take("check"):
            name, system = named("CK")
            tokens = reader.parenthesis()
            words = frozenset(t.bare.lower() for t in tokens if t.kind in ("word", "name"))
            table.checks.append(Check(name, as_list(plain(tokens)), words, system))
        elif reader.take("default"):
            default = Reader(reader.tokens[reader.at :])
            holder = Column("", "")
            self.set_default(table, holder, default)
            default.expect("for")
            name = default.name()
            column = table.column(name) or self.no_column(table, name)
            if column.default is not None:
                raise Refused(f"{table.name}.{name} has a default already")
            column.default, column.default_name = holder.default, given or holder.default_name
            reader.at = len(reader.tokens) - (len(default.tokens) - default.at)
        else:
            reader.expect("foreign", "key")
            self.add_foreign_key(table, reader, *named("FK"))
        self.end(reader)

    def columns_there(self, table, names):
        for name in names:
            if not table.column(name.removesuffix(" DESC")):
                self.no_column(table, name)
        return names

    def add_foreign_key(self, table, reader, name, system):
        columns = self.columns_there(table, reader.names())
        reader.expect("references")
        target = self.table(reader.name())
        refs = self.columns_there(target, reader.names()) if reader.is_at("(") else []
        key = ForeignKey(name, columns, target.name, refs, system=system)
        while reader.take("on"):
            event = reader.next().bare
            action = reader.next().bare.upper()
            if action in ("SET", "NO"):
                action += f" {reader.next().bare.upper()}"
            if action == "RESTRICT":
                raise Refused("SQL Server knows no RESTRICT")
            setattr(key, f"on_{event}", None if action == "NO ACTION" else action)
        keys = [k.columns for k in (target.primary_key, *target.uniques) if k]
        keys += [index.columns for index in target.indexes if index.unique and not index.where]
        if sorted(refs) not in [sorted(k) for k in keys]:
            raise Refused(f"{name}: {target.name}({', '.join(refs)}) is no key")
        for mine, other in zip(columns, refs):
            a, b = table.column(mine), target.column(other)
            if (a.type, a.collation) != (b.type, b.collation):
                raise Refused(f"{name}: {table.name}.{mine} is not of the type of {target.name}.{other}")
        table.foreign_keys.append(key)

    def drop_constraint(self, table, name):
        if table.primary_key and table.primary_key.name == name:
            self.refuse_references(table, table.primary_key.columns, name)
            table.primary_key = None
            return
        for parts in (table.uniques, table.foreign_keys, table.checks):
            for part in parts:
                if part.name == name:
                    if parts is table.uniques:
                        self.refuse_references(table, part.columns, name)
                    parts.remove(part)
                    return
        for column in table.columns:
            if column.default_name == name:
                column.default = column.default_name = None
                return
        raise Refused(f"{name} is not a constraint of {table.name}")

    def refuse_references(self, table, columns, name):
        for other in self.tables.values():
            for key in other.foreign_keys:
                if key.ref_table == table.name and sorted(key.ref_columns) == sorted(columns):
                    raise Refused(f"{name} is referenced by {key.name} of {other.name}")

    def all_names(self):
        found = set(self.tables)
        for table in self.tables.values():
            parts = [*table.uniques, *table.foreign_keys, *table.checks]
            found |= {part.name for part in parts} | set(table.triggers)
            found |= {column.default_name for column in table.columns}
            if table.primary_key:
                found.add(table.primary_key.name)
        return found


def as_list(expression):
    """`a = 'y' or a = 'x'`, which is how the server keeps a list, as the list `a in 'x' , 'y'`."""
    parts = [part.split(" = ", 1) for part in expression.split(" or ")]
    if any(len(part) != 2 or part[0] != parts[0][0] for part in parts):
        return expression
    return f"{parts[0][0]} in {' , '.join(value for _, value in reversed(parts))}"
