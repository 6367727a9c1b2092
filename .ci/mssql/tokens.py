"""T-SQL text as tokens, and a reader that walks over them."""

import re
from dataclasses import dataclass

_TOKEN = re.compile(
    r"""(?P<skip>\s+|--[^\n]*|/\*.*?\*/)
      | (?P<text>N?'(?:[^']|'')*')
      | (?P<name>\[(?:[^\]]|\]\])*\]|"(?:[^"]|"")*")
      | (?P<word>[A-Za-z_@#][\w@$#]*)
      | (?P<number>\d+(?:\.\d+)?)
      | (?P<mark><>|!=|<=|>=|.)""",
    re.VERBOSE | re.DOTALL,
)


@dataclass(frozen=True)
class Token:
    kind: str
    text: str

    @property
    def bare(self):
        """The name without its quotes, the string without its N, the keyword in lower case."""
        if self.kind == "name":
            close = self.text[-1]
            return self.text[1:-1].replace(close * 2, close)
        if self.kind == "text":
            return self.text.removeprefix("N")
        return self.text.lower() if self.kind == "word" else self.text


def tokens_of(sql):
    return [Token(m.lastgroup, m.group()) for m in _TOKEN.finditer(sql) if m.lastgroup != "skip"]


class Reader:
    def __init__(self, tokens):
        self.tokens, self.at = list(tokens), 0

    @property
    def done(self):
        return self.at >= len(self.tokens)

    def next(self):
        self.at += 1
        return self.tokens[self.at - 1]

    def is_at(self, *words):
        """Whether these keywords or marks come next."""
        ahead = self.tokens[self.at : self.at + len(words)]
        return len(ahead) == len(words) and all(
            t.kind in ("word", "mark") and t.text.lower() == w for t, w in zip(ahead, words)
        )

    def take(self, *words):
        """Steps over these keywords if they come next."""
        found = self.is_at(*words)
        if found:
            self.at += len(words)
        return found

    def expect(self, *words):
        if not self.take(*words):
            raise ValueError(f"expected {' '.join(words)} before {self.rest()[:60]!r}")

    def name(self):
        """An identifier; names of MLflow's are told apart in their exact case."""
        token = self.next()
        if token.kind not in ("word", "name"):
            raise ValueError(f"expected a name, found {token.text!r}")
        return token.bare if token.kind == "name" else token.text

    def parenthesis(self):
        """The tokens inside the parenthesis that comes next."""
        self.expect("(")
        start, depth = self.at, 1
        while depth:
            text = self.next().text
            depth += (text == "(") - (text == ")")
        return self.tokens[start : self.at - 1]

    def names(self):
        """`(a, b DESC)` as ['a', 'b DESC']."""
        inner = Reader(self.parenthesis())
        found = []
        while not inner.done:
            name = inner.name()
            found.append(f"{name} DESC" if inner.take("desc") else name)
            inner.take("asc")
            if not inner.done:
                inner.expect(",")
        return found

    def rest(self):
        return " ".join(token.text for token in self.tokens[self.at :])


def split(tokens):
    """Tokens between the commas of the outermost level."""
    parts, depth = [[]], 0
    for token in tokens:
        depth += (token.text == "(") - (token.text == ")")
        if token.text == "," and depth == 0:
            parts.append([])
        else:
            parts[-1].append(token)
    return parts


def plain(tokens):
    """An expression without quotes of names, parentheses and the case of what is no constant."""
    return " ".join(t.bare.lower() if t.kind == "name" else t.bare for t in tokens if t.text not in "()")
