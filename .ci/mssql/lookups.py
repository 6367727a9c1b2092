"""Batches that drop constraints by names they first look up in the catalog, MLflow's (Alembic's) and ours."""

import re
from dataclasses import dataclass, field

_ALEMBIC = re.compile(
    r"""declare\s+@const_name\s+varchar\(256\)\s+
        select\s+@const_name\s*=\s*QUOTENAME\(\[name\]\)\s+from\s+sys\.(?P<kind>\w+)\s+
        where\s+parent_object_id\s*=\s*object_id\('(?P<table>[^']+)'\)\s+
        and\s+col_name\(parent_object_id,\s*parent_column_id\)\s*=\s*'(?P<column>[^']+)'\s+
        exec\('alter\s+table\s+(?P<again>\S+)\s+drop\s+constraint\s+'\s*\+\s*@const_name\)""",
    re.VERBOSE | re.IGNORECASE,
)
_OURS = re.compile(
    r"""DECLARE\ @drop\ nvarchar\(max\)\ =\ \(SELECT\ STRING_AGG\(CAST\(
        N'ALTER\ TABLE\ (?P<again>\S+)\ DROP\ CONSTRAINT\ '\ \+\ QUOTENAME\(k\.name\)\ AS\ nvarchar\(max\)\),\ N';\ '\)\ FROM\ 
        sys\.(?P<kind>\w+)\ k\ WHERE\ k\.parent_object_id\ =\ OBJECT_ID\(N'(?P<table>[^']+)',\ N'U'\)
        (?P<where>.*)\);\nIF\ @drop\ IS\ NOT\ NULL\ EXEC\(@drop\)""",
    re.VERBOSE | re.DOTALL,
)
_BY_COLUMN = r"\ AND k\.parent_column_id = COLUMNPROPERTY\(OBJECT_ID\(N'{t}', N'U'\), N'(?P<column>[^']+)', 'ColumnId'\)"
_UNIQUE = (
    r"\ AND k\.type = 'UQ' AND \(SELECT STRING_AGG\(QUOTENAME\(COL_NAME\(x\.object_id, x\.column_id\)\), N','\)"
    r" WITHIN GROUP \(ORDER BY x\.key_ordinal\) FROM sys\.index_columns x"
    r" WHERE x\.object_id = k\.parent_object_id AND x\.index_id = k\.unique_index_id\) = N'(?P<columns>[^']+)'"
)
_FOREIGN = (
    r"\ AND k\.referenced_object_id = OBJECT_ID\(N'(?P<ref>[^']+)', N'U'\)"
    r" AND \(SELECT STRING_AGG\(QUOTENAME\(COL_NAME\(x\.parent_object_id, x\.parent_column_id\)\), N','\)"
    r" WITHIN GROUP \(ORDER BY x\.constraint_column_id\) FROM sys\.foreign_key_columns x"
    r" WHERE x\.constraint_object_id = k\.object_id\) = N'(?P<columns>[^']+)'"
)
_CHECKS = r"\ AND k\.is_system_named = 1 AND CHARINDEX\(N'\[(?P<column>[^']+)\]', k\.\[definition\]\) > 0"


@dataclass
class Lookup:
    kind: str
    table: str
    found: dict = field(default_factory=dict)

    @classmethod
    def of(cls, sql):
        """The lookup a batch does, or None. A batch that only looks like one is an error."""
        text = sql.strip()
        if not text.lower().startswith("declare"):
            return None
        match = _ALEMBIC.fullmatch(text)
        if match:
            cls.same(match)
            if match["kind"] != "default_constraints":
                raise ValueError(f"unknown lookup: {text}")
            return cls("default_constraints", match["table"], {"column": match["column"]})
        match = _OURS.fullmatch(text)
        if not match:
            raise ValueError(f"not understood: {text}")
        cls.same(match)
        pattern = {
            "default_constraints": _BY_COLUMN, "key_constraints": _UNIQUE,
            "foreign_keys": _FOREIGN, "check_constraints": _CHECKS,
        }[match["kind"]].replace("{t}", re.escape(match["table"]))  # fmt: skip
        where = re.fullmatch(pattern, match["where"])
        if not where:
            raise ValueError(f"not understood: {match['where']}")
        return cls(match["kind"], bare(match["table"]), where.groupdict())

    @staticmethod
    def same(match):
        if bare(match["table"]) != bare(match["again"]):
            raise ValueError(f"looks up {match['table']}, changes {match['again']}")

    def names(self, tables):
        """The constraints the catalog would give."""
        table = tables[self.table]
        if self.kind == "default_constraints":
            column = table.column(self.found["column"])
            return [column.default_name] if column and column.default is not None else []
        if self.kind == "check_constraints":
            word = self.found["column"].lower()
            return [check.name for check in table.checks if check.system and word in check.words]
        columns = [part.strip("[]") for part in self.found["columns"].split(",")]
        if self.kind == "key_constraints":
            return [unique.name for unique in table.uniques if unique.columns == columns]
        return [
            key.name
            for key in table.foreign_keys
            if key.columns == columns and key.ref_table == bare(self.found["ref"])
        ]


def bare(name):
    return name.strip().strip("[]")
