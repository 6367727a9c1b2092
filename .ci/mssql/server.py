"""A stand-in for SQL Server: DDL in, tables out. It refuses what the real one refuses.

The rules are those of the Transact-SQL reference (ALTER TABLE, CREATE INDEX): a column that a key, index, check or
default holds cannot go, and cannot change beyond more room; a constraint is dropped by the name it has; a foreign key
needs a key of the same types and collations on the other side.
"""

from columns import Columns
from constraints import Constraints
from indexes import Indexes
from lookups import Lookup
from model import Table
from refused import Refused
from tokens import Reader, split, tokens_of

ROW_STATEMENTS = ("select", "insert", "update", "delete", "with", "set", "print")


class Server(Columns, Constraints, Indexes):
    def __init__(self):
        self.tables = {}
        self.numbers = 0

    # -- statements

    def execute(self, sql):
        """Runs one DDL statement; returns False for one that only reads or writes rows."""
        lookup = Lookup.of(sql)
        if lookup:
            for name in lookup.names(self.tables):
                self.drop_constraint(self.table(lookup.table), name)
            return True
        reader = Reader(tokens_of(sql))
        while not reader.done and reader.tokens[-1].text == ";" and not reader.is_at("create", "trigger"):
            reader.tokens.pop()
        if reader.tokens[0].text.lower() in ROW_STATEMENTS:
            return False
        if reader.take("create", "table"):
            self.create_table(reader)
        elif reader.take("alter", "table"):
            self.alter_table(reader)
        elif reader.take("drop", "index"):
            name = reader.name()
            reader.expect("on")
            self.drop_index(self.table(reader.name()), name)
        elif reader.take("exec", "sp_rename"):
            self.rename(reader)
        elif reader.take("create", "trigger"):
            self.create_trigger(reader)
        elif reader.take("create"):
            self.create_index(reader)
        else:
            raise ValueError(f"not understood: {sql[:200]}")
        return True

    def table(self, name):
        if name not in self.tables:
            raise Refused(f"table {name} does not exist")
        return self.tables[name]

    def create_table(self, reader):
        name = reader.name()
        if name in self.tables:
            raise Refused(f"there is already an object named {name}")
        table = Table(name)
        self.tables[name] = table
        try:
            later = []
            for part in split(reader.parenthesis()):
                item = Reader(part)
                if not self.is_constraint(item):
                    table.columns.append(self.column(table, item))
                else:
                    later.append(part)
            for part in later:
                self.add_constraint(table, Reader(part))
        except Exception:
            del self.tables[name]
            raise
        self.end(reader)

    def alter_table(self, reader):
        table = self.table(reader.name())
        if reader.take("drop", "constraint"):
            self.drop_constraint(table, reader.name())
        elif reader.take("drop", "column"):
            self.drop_column(table, reader.name())
        elif reader.take("alter", "column"):
            self.alter_column(table, reader)
        else:
            reader.expect("add")
            if self.is_constraint(reader):
                self.add_constraint(table, reader)
            else:
                column = self.column(table, reader)
                if table.column(column.name):
                    raise Refused(f"column {table.name}.{column.name} is there twice")
                if not column.nullable and column.default is None and not column.computed:
                    raise Refused(f"NOT NULL without a default: {table.name}.{column.name}")
                table.columns.append(column)
        self.end(reader)

    @staticmethod
    def end(reader):
        if not reader.done:
            raise ValueError(f"not understood: {reader.rest()[:100]}")
