"""What the row readers give and the comparison takes."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Rows:
    """All rows of a table. A value is (storage class or type, text), or None for NULL.

    `key`: positions of the primary key's columns, empty where there is none.
    """

    columns: list
    key: list
    rows: list

    def named(self, row) -> dict:
        """A row as {column: text or None}."""
        return {name: None if value is None else value[1] for name, value in zip(self.columns, row)}
