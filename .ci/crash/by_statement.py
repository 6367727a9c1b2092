"""MySQL and MariaDB: the upgrade cut before every statement that writes, and before its COMMIT."""

import logging
import time
import warnings

import points
import stopped
import targets
import upgrades


def run(server, dialect: str, ordinal: int, every: int, offset: int) -> points.Table:
    """Cut at every `every`-th point, from number 1 + `offset` on; the last two always."""
    logging.disable(logging.CRITICAL)
    warnings.simplefilter("ignore")
    began = time.monotonic()
    target = targets.TARGETS[dialect](server)
    judge_name, name = f"crash_{ordinal:03}_judge", f"crash_{ordinal:03}"
    make = points.maker(dialect, ordinal)
    target.copies(make, [judge_name])
    start = _now()
    texts = stopped.run(target.url(judge_name)).texts
    window = upgrades.Window(start, _now())
    judge = target.read(judge_name)
    table = points.Table(dialect, ordinal, len(texts) + 1)
    numbers = sorted({*range(1 + offset % every, len(texts) + 2, every), len(texts), len(texts) + 1} - {0})
    for number in numbers:
        at_commit = number == len(texts) + 1
        point = points.Point(number, "COMMIT" if at_commit else " ".join(texts[number - 1].split())[:120])
        target.copies(make, [name])
        start = _now()
        point.hit = stopped.run(target.url(name), number, at_commit).stopped
        if point.hit:
            stopped.wait_until_gone(target, name)
            point.problem = points.heal(target, judge, judge_name, window, name, start)
        table.points.append(point)
        if point.problem or not point.hit:
            print(f"crash {dialect}, state {ordinal}, before statement {number} ({point.statement}):"
                  f" {point.problem or 'NOT HIT'}", flush=True)
    for done in (judge_name, name):
        target.drop(done)
    table.seconds = time.monotonic() - began
    return table


def _now():
    return time.time_ns() // 1_000_000
