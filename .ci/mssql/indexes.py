"""The stand-in's indexes, triggers and renames."""

from model import Index
from refused import Refused
from tokens import Reader, plain, tokens_of


class Indexes:
    def create_index(self, reader):
        unique = reader.take("unique")
        reader.take("nonclustered")
        reader.expect("index")
        name = reader.name()
        reader.expect("on")
        table = self.table(reader.name())
        if any(index.name == name for index in table.indexes):
            raise Refused(f"{table.name} has an index {name} already")
        index = Index(name, self.columns_there(table, reader.names()), unique)
        if any("(max)" in table.column(c.removesuffix(" DESC")).type for c in index.columns):
            raise Refused(f"{name}: a (max) column cannot be in the key of an index")
        if reader.take("include"):
            index.include = self.columns_there(table, reader.names())
        if reader.take("where"):
            index.where = plain(reader.tokens[reader.at :])
            reader.at = len(reader.tokens)
        table.indexes.append(index)
        self.end(reader)

    def drop_index(self, table, name):
        index = next((i for i in table.indexes if i.name == name), None)
        if not index:
            raise Refused(f"{name} is not an index of {table.name}")
        if index.unique:
            self.refuse_references(table, index.columns, name)
        table.indexes.remove(index)

    def rename(self, reader):
        path = Reader(tokens_of(reader.next().bare[1:-1]))
        table = self.table(path.name())
        path.expect(".")
        old = path.name()
        reader.expect(",")
        token = reader.next()
        new = token.bare.strip("'") if token.kind == "text" else token.text
        new = Reader(tokens_of(new)).name()
        reader.expect(",")
        if reader.next().bare.lower() != "'column'":
            raise ValueError("sp_rename of something else than a column")
        column = table.column(old) or self.no_column(table, old)
        held = [c.name for c in table.checks if old.lower() in c.words] + self.computed_from(table, old)
        if held:
            raise Refused(f"{table.name}.{old} participates in enforced dependencies: {', '.join(held)}")
        column.name = new
        swap = lambda names: [new if n == old else f"{new} DESC" if n == f"{old} DESC" else n for n in names]  # noqa: E731
        for part in [*table.uniques, *table.foreign_keys, *table.indexes]:
            part.columns = swap(part.columns)
        if table.primary_key:
            table.primary_key.columns = swap(table.primary_key.columns)
        for index in table.indexes:
            index.include = swap(index.include)
        for other in self.tables.values():
            for key in other.foreign_keys:
                if key.ref_table == table.name:
                    key.ref_columns = swap(key.ref_columns)

    def create_trigger(self, reader):
        name = reader.name()
        reader.expect("on")
        table = self.table(reader.name())
        if name in self.all_names():
            raise Refused(f"there is already an object named {name}")
        body = [t for t in reader.tokens[reader.at :] if t.text != ";"]
        table.triggers[name] = plain(body)
