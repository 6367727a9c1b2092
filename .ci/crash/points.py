"""What a crash table consists of: one point for each place where a real upgrade was cut off."""

from dataclasses import dataclass, field

import crash_paths

import rebuild
import seed

import one_state
import upgrades


@dataclass
class Point:
    """One cut. `problem`: None if mltrack healed it; `hit`: whether the upgrade was really cut there."""

    number: int
    statement: str
    hit: bool = True
    problem: str | None = None


@dataclass
class Table:
    """The cuts of one start state on one server. `statements`: how many the whole upgrade has."""

    dialect: str
    ordinal: int
    statements: int
    points: list = field(default_factory=list)
    seconds: float = 0.0

    @property
    def tried(self) -> int:
        """Distinct points; two cuts at the same statement count once."""
        return len({point.number for point in self.points})

    @property
    def healed(self) -> int:
        """Distinct points at which every cut was healed."""
        lost = {point.number for point in self.points if point.problem or not point.hit}
        return len({point.number for point in self.points} - lost)


def maker(dialect: str, ordinal: int):
    """make(url): fill an empty database with the start state and its rows."""
    def make(url):
        rebuild.build_state(url, ordinal, crash_paths.FIXTURES)
        seed.seed(url, dialect, ordinal, crash_paths.FIXTURES)
    return make


def heal(target, judge, judge_name, judge_window, name: str, started: int) -> str | None:
    """Let mltrack finish database `name`; None, or what is wrong then. `started`: when the cut
    upgrade began, in ms: what it wrote of the clock is as good as what mltrack writes."""
    try:
        window = upgrades.run_mltrack(target.url(name))
    except upgrades.UpgradeFailed as error:
        return str(error)
    window = upgrades.Window(started, window.end)
    lines = list(one_state.differences(target, [judge_name, name], judge_window, window, judge))
    return f"{len(lines)} differences: {'; '.join(lines[:3])}" if lines else None
