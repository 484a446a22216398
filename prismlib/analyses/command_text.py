"""What a body of a remedy runs, every command in one spelling, so that rules need to know only one.

Method. A body is split as a shell does (`shell_text`). Of each command the program is taken without
its folder; what ``sudo``, ``xargs``, ``ssh``, ``kubectl exec`` and the like run, and the text that
``sh -c`` is given, are commands as well. Options that a tool takes before its verb are moved behind
it, ``--name=value`` becomes two words, the short options of ``rm`` one each, and the document of
``--cli-input-json`` becomes options. Commands that are written into ``redis-cli`` or handed to a
client of SQL, and calls of an SDK (`sdk_text`), are given in the same way: ``aws rds delete-...``,
``redis-cli flushall``, ``sql drop table ...``.

Known limits. A text whose quotes do not close is cut at its lines instead, and `Readings.is_split`
says so. A file that a command names (``file://...``) is not opened. A program that is only talked
about (``echo``, ``grep``, a comment) runs nothing.
"""

from __future__ import annotations

import json
import posixpath
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from prismlib.analyses.sdk_text import (
    Words,
    bare_statements,
    call_words,
    options_of,
    run_texts,
    statements,
)
from prismlib.analyses.shell_text import CannotSplit, Simple, raw_commands, simple_commands

SHELLS = {"sh", "bash", "zsh", "dash", "ash", "ksh"}
WRAPPERS = {
    *("!", "$", "-", "chroot", "command", "do", "doas", "docker", "elif", "else", "env", "eval"),
    *("exec", "flock", "if", "ionice", "nice", "nohup", "parallel", "podman", "ssh", "su"),
    *("sudo", "then", "time", "timeout", "until", "watch", "while", "xargs", "{"),
    *SHELLS,
}
"""Programs and words of a shell that run what comes after them, behind options of their own."""
HANDING = {
    "kubectl": {"exec", "run", "debug"},
    "find": {"-exec", "-execdir", "-ok", "-okdir"},
}
"""Words after which what a program is given is run, by program."""
SQL_CLIENTS = {"psql", "mysql", "mariadb", "sqlite3", "pgcli", "cqlsh", "clickhouse-client"}
REACH = 20
"""Words after a wrapper among which the command that it runs begins."""
DEEPEST = 4
"""Texts of a shell within texts of a shell that are read."""
AWS_VALUED = {
    *("--profile", "--region", "--output", "--query", "--endpoint-url", "--ca-bundle", "--color"),
    *("--cli-read-timeout", "--cli-connect-timeout", "--cli-binary-format"),
}
KUBECTL_VALUED = {
    *("-n", "--namespace", "--context", "--cluster", "--kubeconfig", "--user", "-s", "--server"),
    *("--token", "--as", "--as-group", "--as-uid", "--certificate-authority", "--cache-dir", "-v"),
    *("--client-certificate", "--client-key", "--request-timeout", "--tls-server-name", "--v"),
}
REDIS_VALUED = {
    *("-h", "-p", "-s", "-a", "-u", "--user", "--pass", "-n", "-r", "-i", "-t", "-d", "-D", "-X"),
    *("--sni", "--cacert", "--cacertdir", "--cert", "--key", "--tls-ciphers", "--show-pushes"),
}
REDIS_FLAGS = {
    *("-c", "-x", "-e", "-2", "-3", "--raw", "--no-raw", "--csv", "--json", "--tls", "--askpass"),
    *("--insecure", "--no-auth-warning", "--verbose", "--quoted-input"),
}
VALUED = {
    "aws": AWS_VALUED,
    "kubectl": KUBECTL_VALUED,
    "helm": {"-n", "--namespace", "--kube-context", "--kubeconfig"},
    "terraform": set(),
    "tofu": set(),
    "terragrunt": set(),
    "redis-cli": REDIS_VALUED,
}
"""Options with a value that a tool takes before its verb too, by tool."""
COMMENT_LINE = re.compile(r"^[ \t]*(#|//|--[ \t]).*$", re.MULTILINE)


@dataclass(frozen=True)
class Readings:
    """The commands of a body in one spelling, and its text without lines of comment."""

    commands: tuple[Words, ...]
    text: str
    is_split: bool

    @property
    def lines(self) -> list[str]:
        """The commands, each as one text."""
        return [" ".join(words) for words in self.commands]


@lru_cache(maxsize=512)
def readings(body: str) -> Readings:
    """Return what a body runs."""
    text = COMMENT_LINE.sub("", body)
    if _is_json(body):
        return Readings((), text, is_split=True)
    try:
        found, is_split = list(simple_commands(body)), True
    except CannotSplit:
        found, is_split = list(raw_commands(body)), False
    commands = [words for one in found for words in _run(one, 0)]
    commands += [w for run in run_texts(text) for w in _read(run, 1)]
    commands += [*call_words(text), *bare_statements(text)]
    return Readings(tuple(dict.fromkeys(commands)), text, is_split)


def _is_json(body: str) -> bool:
    if not body.lstrip().startswith(("{", "[")):
        return False
    try:
        json.loads(body)
    except (ValueError, RecursionError):
        return False
    return True


def _read(text: str, depth: int) -> Iterator[Words]:
    """Yield the commands of a text within a text."""
    if depth > DEEPEST:
        return
    try:
        found = list(simple_commands(text))
    except CannotSplit:
        found = list(raw_commands(text))
    for one in found:
        yield from _run(one, depth)


def _run(one: Simple, depth: int) -> Iterator[Words]:
    """Yield what a command runs: itself, what it hands on, and what stands inside its words."""
    words = list(one.words)
    while words and re.match(r"\w+=", words[0]):
        words.pop(0)
    if words:
        yield from _spelled(tuple(words), one.written)
        start = _handed(words)
        for place, word in enumerate(words[start : start + REACH], start=start):
            yield from _spelled(tuple(words[place:]), one.written)
            if re.search(r"\s", word):
                yield from _read(word, depth + 1)
        if one.written and _names_shell(words):
            yield from _read(one.written, depth + 1)
    for inner in one.inner:
        yield from _read(inner, depth + 1)


def _handed(words: list[str]) -> int:
    """Return where what a command runs may begin; behind its end for one that runs nothing."""
    program = posixpath.basename(words[0])
    if program in WRAPPERS:
        return 1
    marks = HANDING.get(program, set())
    return next((n for n, word in enumerate(words[:REACH], 1) if word in marks), len(words))


def _names_shell(words: list[str]) -> bool:
    return any(posixpath.basename(word) in (*SHELLS, "ssh") for word in words)


def _spelled(words: Words, written: str) -> Iterator[Words]:
    """Yield a command in the one spelling, and what it hands to a server."""
    program = posixpath.basename(words[0])
    rest = list(words[1:])
    if program == "rm":
        yield (program, *_rm(rest))
    elif program == "aws":
        yield (program, *_aws(rest))
    elif program == "redis-cli":
        yield from _redis(rest, written)
    elif program in VALUED:
        yield (program, *_verb_first(rest, VALUED[program]))
    else:
        yield (program, *rest)
    if program in SQL_CLIENTS:
        for text in (*rest, *(re.sub(r"^(-\w|--[\w-]+=)", "", word) for word in rest), written):
            yield from statements(text)


def _verb_first(words: list[str], valued: set[str], flags: set[str] | None = None) -> Iterator[str]:
    """Yield the words of a command, what stands before its verb or is for every verb at the end.

    With `flags` these alone are moved, and no other option that stands before the verb.
    """
    behind: list[str] = []
    has_verb, takes = False, False
    for word in words:
        name, mark, value = word.partition("=")
        if takes:
            behind.append(word)
            takes = False
        elif name in valued:
            behind += [name, value] if mark else [word]
            takes = not mark
        elif word.startswith("-") and (word in flags if flags is not None else not has_verb):
            behind.append(word)
        elif mark and re.fullmatch(r"--?[A-Za-z][\w-]*", name):
            yield from (name, value)
        else:
            has_verb = True
            yield word
    yield from behind


def _aws(words: list[str]) -> Iterator[str]:
    """Yield the words of the command line of AWS, a document of input as options."""
    takes = False
    for word in _verb_first(words, AWS_VALUED):
        if takes:
            yield from _input(word)
        elif word != "--cli-input-json":
            yield word
        takes = word == "--cli-input-json"


def _input(text: str) -> Words:
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        found = None
    return options_of(found) if isinstance(found, dict) else ("--cli-input-json", text)


def _rm(words: list[str]) -> list[str]:
    """Return the options of rm one by one and in order, then what it removes."""
    long = {"--recursive": "-r", "--force": "-f", "-R": "-r"}
    flags: set[str] = set()
    paths: list[str] = []
    for word in words:
        if re.fullmatch(r"-[A-Za-z]+", word):
            flags |= {long.get(f"-{letter}", f"-{letter}") for letter in word[1:]}
        elif word.startswith("--"):
            flags |= {long[word]} if word in long else set()
        else:
            paths.append(posixpath.normpath(word) if word.startswith("/") else word)
    return [*sorted(flags), *paths]


def _redis(words: list[str], written: str) -> Iterator[Words]:
    """Yield what redis-cli sends: its own words, those for all nodes, and those of its input."""
    own = list(_verb_first(words, REDIS_VALUED, REDIS_FLAGS))
    yield ("redis-cli", *own)
    if own[:2] == ["--cluster", "call"]:
        yield ("redis-cli", *own[3:])
    for line in written.splitlines():
        if sent := line.split():
            yield ("redis-cli", *sent)
