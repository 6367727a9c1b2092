"""What the hand-made seeds are told about the state they fill."""

from dataclasses import dataclass, field


@dataclass
class Context:
    """One start state. `tables`: {name: fixture "schema"}; `rows`: what is seeded so far."""

    dialect: str
    ordinal: int
    tables: dict
    rows: dict = field(default_factory=dict)
    readable: bool = False  # only what MLflow's server can read back; see server_check.py

    @property
    def case_sensitive(self) -> bool:
        """Whether text compares by its bytes (MySQL's and MariaDB's default collations do not)."""
        return self.dialect in ("sqlite", "postgresql")

    def has(self, table: str, column: str) -> bool:
        """Whether the state has this column."""
        return any(c["name"] == column for c in self.tables.get(table, {"columns": []})["columns"])

    def values(self, table: str, column: str) -> list:
        """The seeded values of a column, in the order of insertion."""
        return [row[column] for row in self.rows[table]]
