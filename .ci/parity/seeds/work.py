"""Jobs, which revision dc11669786a5 cancels if they wait or run, and the categories of issues,
which 8b6ad64cb8f5 spreads into rows keyed by a hash of the stripped lower-case spelling."""

import json

PENDING, RUNNING = 0, 1
STATUSES = range(7)

# Python's strip() and lower() differ from JavaScript's trim() and toLowerCase() in which characters
# are white space (\x1c-\x1f and \x85 are, \ufeff is not). The last spelling of a hash wins.
CATEGORIES = [
    ["Hallucination", "Latency", "hallucination ", " HALLUCINATION"], [], None, ["single"],
    ["İstanbul", "i\u0307stanbul", "istanbul"], ["Straße", "STRASSE", "straße"], ["ΟΔΟΣ", "οδος", "οδοσ"],
    ["\x1c x", "x", "\x1fX\x1e", "\x85x"], ["\ufeffx", "x"], ["\u00a0y\u2003", "Y", "\u200by"],
    ["", " ", "\t\n"], ["é", "e\u0301", "É"], ["ǅ", "ǆ", "Ǆ"], ["ŉ", "ﬁ", "FI"], ["𐐀", "𐐨", "😀"],
    ["a" * 3000, "b\u0000c", "it's \"quoted\" \\ %s"],
    {"object": 1, "Object": 2, "10": 3, "9": 4}, "text", "Aa a",
]
# Texts that are not written the way json.dumps writes.
CATEGORY_TEXTS = ['["\\u0041bc","abc" ,"ABC"]', ' [ "spaced" ]\n', '["\\ud83d\\ude00", "😀"]',
                  '{"twice": 1, "twice": 2}']


def jobs(context):
    """Three jobs of every status; `last_update_time` is long ago, so that an update shows."""
    return [{"id": f"job-{status}-{number}", "status": status, "creation_time": 1_600_000_000_000 + number,
             "last_update_time": 1_600_000_000_500 + status, "function_fullname": f"pkg.f{number}",
             "job_name": f"job {number} 😀", "timeout": [None, 0.5, 3600.0][number]}
            for number in range(3) for status in STATUSES]


def issues(context):
    """An issue for every kind of category list."""
    # NUL is text nowhere in PostgreSQL, and json.loads would make one of \u0000.
    dumped = [None if value is None else json.dumps(value, ensure_ascii=False).replace("\\u0000", "\\u0007")
              for value in CATEGORIES]
    return [{"issue_id": f"issue-{number:02}", "categories": text, "created_timestamp": 1_700_000_000_000 + number,
             "last_updated_timestamp": 1_700_000_100_000, "experiment_id": number % 8}
            for number, text in enumerate([*dumped, *CATEGORY_TEXTS])]


def issue_categories(context):
    """Rows of a server of that release, unlike any the revision itself would make."""
    return [{"issue_id": f"issue-{number:02}", "category_hash": f"{number:064x}", "category": f"catégorie {number}"}
            for number in range(5)]


TABLES = {"jobs": jobs, "issues": issues, "issue_categories": issue_categories}
