"""A DBAPI (PEP 249) in the shape of pyodbc that reaches no server: every statement goes to a recorder."""

import re
import types


class Cursor:
    arraysize = 1

    def __init__(self, recorder):
        self.recorder, self.columns = recorder, []
        self.description, self.rowcount, self.found = None, -1, []

    def execute(self, sql, params=(), *more):
        flat = params if isinstance(params, (list, tuple)) else (params, *more)
        self.found = list(self.recorder.run(sql, flat, self.columns))
        selects = re.match(r"\s*(select|with)\b", sql, re.IGNORECASE) or "OUTPUT inserted" in sql
        width = len(self.found[0]) if self.found else len(self.columns)
        names = self.columns if len(self.columns) == width else [f"c{i}" for i in range(width)]
        self.description = [(name, str, None, None, None, None, True) for name in names] if selects else None
        self.rowcount = len(self.found)
        return self

    def executemany(self, sql, many):
        for params in many:
            self.execute(sql, params)

    def fetchone(self):
        return self.found.pop(0) if self.found else None

    def fetchmany(self, size=None):
        taken, self.found = self.found[: size or 1], self.found[size or 1 :]
        return taken

    def fetchall(self):
        taken, self.found = self.found, []
        return taken

    def setinputsizes(self, sizes):
        pass

    def nextset(self):
        return False

    def close(self):
        pass


class Connection:
    autocommit = False

    def __init__(self, recorder):
        self.recorder = recorder

    def cursor(self):
        return Cursor(self.recorder)

    def commit(self):
        pass

    def rollback(self):
        pass

    def close(self):
        pass

    def add_output_converter(self, *_):
        pass


def driver(recorder):
    """A module as PEP 249 wants it, in pyodbc's shape."""
    module = types.ModuleType("pyodbc")
    module.paramstyle, module.version, module.threadsafety, module.apilevel = "qmark", "5.1.0", 1, "2.0"
    names = "Error DatabaseError InterfaceError OperationalError ProgrammingError IntegrityError DataError"
    for name in f"{names} InternalError NotSupportedError Warning".split():
        setattr(module, name, type(name, (Exception,), {}))
    for number, name in enumerate(
        ("SQL_WVARCHAR", "SQL_VARCHAR", "SQL_DECIMAL", "SQL_BIGINT", "SQL_TYPE_TIMESTAMP")
    ):
        setattr(module, name, number)
    module.Binary, module.pooling, module.Cursor = bytes, False, Cursor
    module.connect = lambda *args, **kwargs: Connection(recorder)
    return module
