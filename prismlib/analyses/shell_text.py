"""Text of a shell split into simple commands, with what is written into each of them.

Method. Lines that go on (a backslash at the end) are joined, comments are left out, here-documents
become here-strings, and the rest is cut at what ends a command: a new line, ``;``, ``&``, ``|`` and
brackets. Quotes are taken off. What stands in ``$(...)`` or between backticks outside single quotes
is a command of its own. What ``echo``, ``printf`` or ``cat`` say is written into the command after
the pipe.

Known limits. Nothing is expanded: ``$DIR`` stays as it is. Functions, ``case`` and loops are not
followed; the commands within them are found by the words after ``do``, ``then`` and the like.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass, replace

SUBSTITUTION = r"\$\((?:[^()]|\((?:[^()]|\([^()]*\))*\))*\)|`[^`]*`"
TOKEN = re.compile(
    r"(?P<skip>(?:[ \t\r]|\\\r?\n)+)"
    r"|(?P<comment>\#[^\n]*)"
    r"|(?P<redirect>\d*(?:<<<|>>|[<>]&|&>>?|<>|>\||[<>]))"
    r"|(?P<pipe>\|&?(?!\|))"
    r"|(?P<stop>\|\||[;&\n()])"
    rf"|(?P<word>(?:'[^']*'|\"(?:\\.|[^\"\\])*\"|{SUBSTITUTION}|\\\r?\n|\\.|[^\s;&|()<>'\"\\])+)",
    re.DOTALL,
)
QUOTED = re.compile(
    rf"'(?P<plain>[^']*)'|\"(?P<double>(?:\\.|[^\"\\])*)\"|(?P<kept>{SUBSTITUTION})"
    r"|\\(?P<joined>\r?\n)|\\(?P<escaped>.)",
    re.DOTALL,
)
HERE = re.compile(
    r"(?<!<)<<(?!<)-?[ \t]*(?P<quote>['\"]?)(?P<end>\w+)(?P=quote)(?P<rest>[^\n]*)\n"
    r"(?P<body>.*?)(?:^[ \t]*(?P=end)[ \t]*$|\Z)",
    re.DOTALL | re.MULTILINE,
)
SAYING = ("echo", "printf")
PASSING = ("cat", "tee")


@dataclass(frozen=True)
class Simple:
    """One command: its words without quotes, what is written into it, and what it runs inside."""

    words: tuple[str, ...]
    written: str = ""
    inner: tuple[str, ...] = ()


class CannotSplit(ValueError):
    """A quote stays open."""


def simple_commands(text: str) -> Iterator[Simple]:
    """Yield the commands of a text in their order.

    Raises
    ------
    CannotSplit
        A quote is opened and never closed.
    """
    said, is_piped = "", False
    for one, pipes_on in _cut(HERE.sub(_here_string, text)):
        command = replace(one, written=said) if is_piped and not one.written else one
        if command.words:
            yield command
        said, is_piped = _said(command), pipes_on


def raw_commands(text: str) -> Iterator[Simple]:
    """Yield commands of a text that cannot be split: cut at lines and marks, quotes left out."""
    for part in re.split(r"[\n;|&]", text.replace("\\\n", " ")):
        words = tuple(re.sub(r"['\"]", "", part).split())
        if words and not words[0].startswith("#"):
            yield Simple(words)


def _here_string(found: re.Match[str]) -> str:
    return f"<<< {shlex.quote(found['body'])}{found['rest']}\n"


def _cut(text: str) -> Iterator[tuple[Simple, bool]]:
    """Yield each command, and whether a pipe follows it."""
    words: list[str] = []
    redirect, written, inner = "", "", []
    place = 0
    while place < len(text):
        token = TOKEN.match(text, place)
        if token is None:
            raise CannotSplit(text[place : place + 20])
        place = token.end()
        if token.lastgroup == "redirect":
            redirect = token.group()
        elif token.lastgroup == "word":
            inner += _inner(token.group())
            if redirect == "<<<":
                written = unquoted(token.group())
            elif not redirect:
                words.append(unquoted(token.group()))
            redirect = ""
        elif token.lastgroup in ("pipe", "stop"):
            yield Simple(tuple(words), written, tuple(inner)), token.lastgroup == "pipe"
            words, redirect, written, inner = [], "", "", []
    yield Simple(tuple(words), written, tuple(inner)), False


def unquoted(word: str) -> str:
    """Return a word as the shell hands it on."""

    def plain(found: re.Match[str]) -> str:
        if found["double"] is not None:
            return re.sub(r"\\(\r?\n)|\\([\"\\$`])", lambda one: one[2] or "", found["double"])
        return found["plain"] or found["kept"] or found["escaped"] or ""

    return QUOTED.sub(plain, word)


def _inner(word: str) -> list[str]:
    """Return what a word has run: substitutions outside single quotes."""
    found = re.finditer(rf"'[^']*'|\"(?:\\.|[^\"\\])*\"|{SUBSTITUTION}", word, re.DOTALL)
    inner: list[str] = []
    for one in found:
        text = one.group()
        if text.startswith('"'):
            inner += [part.group() for part in re.finditer(SUBSTITUTION, text, re.DOTALL)]
        elif not text.startswith("'"):
            inner.append(text)
    return [part[1:-1] if part.startswith("`") else part[2:-1] for part in inner]


def _said(command: Simple) -> str:
    """Return what a command writes into the next one, as far as its words tell."""
    program = command.words[0] if command.words else ""
    if program in SAYING:
        words = [word for word in command.words[1:] if not re.fullmatch(r"-[neE]+", word)]
        return " ".join(words).replace("\\n", "\n")
    return command.written if program in PASSING else ""
