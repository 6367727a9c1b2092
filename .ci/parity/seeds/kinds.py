"""What a column can hold, read from a fixture's "schema", and plain values of that kind.

Values are a function of (table, column, row number) only, so that two runs seed the same rows.
Each kind has six flavours; a column starts at a flavour of its own, so no row is all NULL.
"""

import hashlib
import re
import zlib

FLAVOURS = 6
QUOTING = "it's \"quoted\" \\back\\ %s %(p)s :bind $1 ? {0} ; -- /* */\r\n\ttail"
MIXED = "naïve 日本語 😀 e\u0301 \u202e\ufeff"

# Columns whose readers in MLflow know only some values, and no CHECK says which.
HINTS = {
    ("*", "workspace"): ["default", "default", "team-a", "default", "team-b", "default"],
    ("*", "version_major"): [1, 2, 0, 10, 1, 3],
    ("mcp_server_versions", "status"): ["draft", "active", "deprecated"],
    ("skill_versions", "status"): ["active", "deprecated", "deleted"],
    ("skills", "organization"): ["", "acme", "", "Åland", "", "acme"],
    ("model_versions", "current_stage"): ["None", "Staging", "Production", "Archived"],
    ("model_versions", "status"): ["READY", "FAILED_REGISTRATION"],
    ("logged_models", "status"): [1, 2, 3],
    ("webhooks", "status"): ["ACTIVE", "DISABLED"],
    ("trace_info", "status"): ["OK", "ERROR", "IN_PROGRESS"],
    ("trace_info", "db_payload_generation"): [0, 1, 0, 2, 0, 0],
    ("spans", "status"): ["OK", "ERROR", "UNSET"],
    ("runs", "deleted_time"): [None, 1_600_000_000_123],
}


class UnknownType(ValueError):
    """A column type the seeds have no values for; teach `kind_of` the new one."""


def flavour(table: str, column: str, number: int) -> int:
    """0-5: which of a kind's flavours row `number` gets in this column."""
    return (number + zlib.crc32(f"{table}.{column}".encode())) % FLAVOURS


def kind_of(column: dict) -> str:
    """text, json, bytes, bool, big, int, float or date, from the native type of any dialect."""
    native = column["type"].lower()
    for kind, words in (("bool", ("bool", "tinyint(1)")), ("json", ("json",)),
                        ("text", ("char", "text", "clob")),
                        ("bytes", ("blob", "bytea", "binary")), ("big", ("bigint",)),
                        ("int", ("int",)), ("float", ("float", "double", "real")),
                        ("date", ("date",))):
        if any(word in native for word in words):
            return kind
    raise UnknownType(f"column {column['name']} has type {column['type']}: see {__name__}")


def length_of(column: dict) -> int | None:
    """The declared length in characters, or None."""
    found = re.search(r"\((\d+)\)", column["type"])
    return int(found[1]) if found else None


def allowed_by_checks(column: str, checks: list) -> list:
    """The literals that every CHECK (column IN ('a', 'b')) allows, in any server's spelling of it. MySQL
    has two at cfd24bdc0731, of which the old one does not know KILLED."""
    allowed = None
    for check in checks:
        # MySQL shows the quotes of a literal escaped: _utf8mb4\'active\'.
        expression = check["expression"].replace("\\'", "'")
        before, quote, _ = expression.partition("'")
        if quote and re.search(rf"\b{re.escape(column)}\b", before):
            literals = re.findall(r"'((?:[^']|'')*)'", expression)
            allowed = [value for value in literals if allowed is None or value in allowed]
    return allowed or []


def key_value(table: str, column: dict, number: int):
    """A value that is distinct for every `number`, also where case and accents do not count."""
    name, kind, length = column["name"], kind_of(column), length_of(column) or 64
    if kind == "text":
        if re.search(r"(^|_)(id|uuid|hash|digest)$", name):
            return hashlib.sha256(f"{table}.{name}.{number}".encode()).hexdigest()[:min(length, 32)]
        return f"{number}-{name}-ü-{table}"[:length]
    if kind == "date":
        return f"2026-02-{number % 28 + 1:02}"
    if kind == "bool":
        return number % 2 == 1
    return float(number) + 0.25 if kind == "float" else number + 1


def plain_value(table: str, column: dict, number: int, readable: bool = False):
    """A value for a column that need not be distinct; NULL now and then where it may be.

    `readable`: numbers are moderate and never NULL, as MLflow's own (its server cannot show others).
    """
    turn, kind, length = flavour(table, column["name"], number), kind_of(column), length_of(column)
    if readable and kind in ("big", "int", "float"):
        turn = 0
    if turn == 1 and column["nullable"]:
        return None
    return FLAVOURED[kind](table, column, number, length)[turn]


def _texts(table, column, number, length):
    # A whole-length value, its last character outside the basic plane, where lengths are counted
    # differently by different languages.
    whole = "x" * ((length or 3000) - 1) + "😀"
    values = [f"{table}.{column['name']} {number}", MIXED, QUOTING, whole, "", "  spaces\t"]
    return [value[:length] for value in values]


def _floats(table, column, number, length):
    # MySQL's FLOAT has single precision; everywhere else FLOAT means double.
    extreme = 1.5 if column["type"] == "float" else 1.7976931348623157e308
    return [0.5 + number, 0.25, -0.0, 1e-30, extreme, 1 / 3]


JSON_TEXTS = ['{"a": 1,  "ü": [1.0, null, "😀"]}', "[]", '{"b":1, "a":2, "b":3}', "null",
              '{"big": 9007199254740993, "e": 1e2}', '"text"']

FLAVOURED = {
    "text": _texts,
    "json": lambda *_: JSON_TEXTS,
    "bytes": lambda table, column, number, length: [
        bytes([0, 255, 39, 92, number]), b"", b"%s?", bytes(range(256)), b"\x00", b"plain"],
    "bool": lambda *_: [True, False, True, True, False, False],
    # 2**53 + 1 is the first integer a JavaScript number cannot hold.
    "big": lambda table, column, number, length: [
        1_600_000_000_000 + number, 0, -1, 2**53 + 1, 1_700_000_000_123, 2**62 + 1],
    "int": lambda table, column, number, length: [number, 0, -1, 2**31 - 1, 7, 42],
    "float": _floats,
    "date": lambda *_: ["2026-01-01", "1999-12-31", "2024-02-29", "2026-12-31", "0001-01-01",
                        "9999-12-31"],
}
