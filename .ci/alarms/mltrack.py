"""`mltrack db check` on many databases, and what of its answers is an alarm."""

import json
import os
import shlex
import subprocess

import paths

DEFAULT_COMMAND = "node bin/mltrack.js"
CLEAN, DRIFT = 0, 3
BEHIND = "revision-behind"  # an old release's database is behind, and that is no alarm
# Said of a database with fewer characters than Unicode has: true, and a note.
NARROW = "database-charset"
AT_ONCE = 40


class NotRun(RuntimeError):
    """The check itself failed; the message is its own."""


def check(made: list) -> list:
    """For each database the lines of its alarms."""
    lines = []
    for first in range(0, len(made), AT_ONCE):
        some = made[first:first + AT_ONCE]
        answers = _run([database.url for database in some])
        if len(answers) != len(some):
            raise NotRun(f"{len(some)} databases were to be checked, and {len(answers)} were")
        lines += [_alarms(answer, database) for answer, database in zip(answers, some)]
    return lines


def _alarms(answer, database):
    if answer["event"] != "check":
        raise NotRun(f"{database.kind}: {database.history}: {answer.get('message')}")
    true = [BEHIND, *([NARROW] if database.narrow else [])]
    findings = [f"{finding['severity']} {finding['id']}: {finding['message']}" for finding in answer["findings"]
                if finding["severity"] != "note" or finding["rule"] not in true]
    # Every database is checked by its owner, who sees all of it.
    return findings + [f"not checked: {part['what']}: {part['why']}" for part in answer["notChecked"]]


def _run(urls):
    # --rows as well: no row that MLflow wrote points nowhere.
    command = [*shlex.split(os.environ.get("MLTRACK_CMD", DEFAULT_COMMAND)), "db", "check", "--json", "--rows", *urls]
    done = subprocess.run(command, cwd=paths.PROJECT, capture_output=True, text=True, check=False)
    if done.returncode not in (CLEAN, DRIFT):
        raise NotRun(f"mltrack db check ended with {done.returncode}: {(done.stderr or done.stdout)[-1500:]}")
    answers = [json.loads(line) for line in done.stdout.splitlines()]
    # After them come the sum of all, and why the exit code is what it is.
    return [answer for answer in answers if answer["event"] in ("check", "check-failed")]
