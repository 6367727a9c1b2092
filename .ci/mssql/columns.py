"""The stand-in's columns: what may come, change and go."""

import re

from model import Column
from refused import Refused
from tokens import plain

_TYPES = {"integer": "int", "double precision": "float", "float(53)": "float"}


class Columns:
    def column(self, table, reader):
        column = Column(reader.name(), "")
        if reader.take("as"):
            column.computed = plain(reader.parenthesis())
            column.computed += " persisted" if reader.take("persisted") else ""
            column.nullable = not reader.take("not", "null")
            return column
        column.type, column.collation = self.type(reader)
        constrained = []
        while not reader.done:
            if reader.take("not", "null"):
                column.nullable = False
            elif reader.take("null"):
                column.nullable = True
            elif reader.take("identity"):
                column.identity = True
                if reader.is_at("("):
                    reader.parenthesis()
            elif reader.take("default"):
                self.set_default(table, column, reader)
            elif reader.is_at("constraint") or reader.is_at("check"):
                constrained.append(reader)
                break
            else:
                raise ValueError(f"not understood: {reader.rest()[:100]}")
        if constrained:
            raise ValueError(f"a constraint in a column: {reader.rest()[:100]}")
        return column

    @staticmethod
    def type(reader):
        text = reader.name().lower()
        if text == "double":
            reader.expect("precision")
            text += " precision"
        if reader.is_at("("):
            text += f"({''.join(t.text for t in reader.parenthesis()).lower()})"
        collation = reader.name() if reader.take("collate") else None
        return _TYPES.get(text, text), collation

    def set_default(self, table, column, reader):
        """One constant, or an expression in parentheses."""
        tokens = reader.parenthesis() if reader.is_at("(") else [reader.next()]
        if column.default is not None:
            raise Refused(f"{table.name}.{column.name} has a default already")
        column.default, column.default_name = plain(tokens), self.chosen(f"DF__{table.name}")

    def alter_column(self, table, reader):
        name = reader.name()
        column = table.column(name) or self.no_column(table, name)
        kind, collation = self.type(reader)
        # Without a word the session's ANSI_NULL_DFLT_ON decides, which every driver switches on.
        nullable = not reader.take("not", "null")
        reader.take("null")
        # What names the column as it is changes nothing, and nothing holds it.
        if (kind, collation, nullable) == (column.type, column.collation, column.nullable):
            return
        grows = (
            self.grows(column.type, kind) and nullable == column.nullable and collation == column.collation
        )
        self.refuse_holders(table, column, grows, data_type=kind.split("(")[0])
        column.type, column.collation, column.nullable = kind, collation, nullable

    @staticmethod
    def grows(old, new):
        a, b = (re.fullmatch(r"(n?varchar|varbinary)\((\d+)\)", text) for text in (old, new))
        return bool(a and b and a[1] == b[1] and int(b[2]) >= int(a[2]))

    def refuse_holders(self, table, column, grows, data_type):
        name = column.name
        holders = self.keys_on(table, name)
        if not grows:
            holders += [unique.name for unique in table.uniques if name in unique.columns]
            holders += [check.name for check in table.checks if name.lower() in check.words]
            holders += self.indexes_on(table, name)
        holders += self.computed_from(table, name)
        if column.default is not None and data_type != column.type.split("(")[0]:
            holders.append(column.default_name)
        if holders:
            raise Refused(f"{', '.join(holders)} is dependent on column {table.name}.{name}")

    def drop_column(self, table, name):
        column = table.column(name) or self.no_column(table, name)
        holders = [
            *self.keys_on(table, name),
            *[unique.name for unique in table.uniques if name in unique.columns],
            *[check.name for check in table.checks if name.lower() in check.words],
            *self.indexes_on(table, name),
            *self.computed_from(table, name),
            *([column.default_name] if column.default is not None else []),
        ]
        if holders:
            raise Refused(f"{', '.join(holders)} is dependent on column {table.name}.{name}")
        table.columns.remove(column)

    @staticmethod
    def no_column(table, name):
        raise Refused(f"column {table.name}.{name} does not exist")

    def keys_on(self, table, name):
        key = table.primary_key
        return [
            *([key.name] if key and name in key.columns else []),
            *[k.name for k in table.foreign_keys if name in k.columns],
            *[
                k.name
                for other in self.tables.values()
                for k in other.foreign_keys
                if k.ref_table == table.name and name in k.ref_columns
            ],
        ]

    @staticmethod
    def indexes_on(table, name):
        return [
            index.name
            for index in table.indexes
            if name in [part.removesuffix(" DESC") for part in index.columns] + index.include
            or (index.where and name.lower() in index.where.split())
        ]

    @staticmethod
    def computed_from(table, name):
        return [c.name for c in table.columns if c.computed and name.lower() in c.computed.split()]
