"""Calls of SDKs and statements of SQL within a text, in the words of a command line.

Method. A call such as ``rds.delete_db_instance(SkipFinalSnapshot=True)`` is written as the command
line writes it, ``aws - delete-db-instance --skip-final-snapshot``: the operations and parameters of
boto3, of the other SDKs and of the command line are one service model, spelled in three ways. Which
service a client is for is not known, so a dash stands for it. A call may also be one of a Redis
client (``r.flushall()``): it is given as ``redis-cli flushall`` too. Text that a call is given is
read as SQL, and as a shell where the call runs one.

A statement of SQL is given without comments and quotes of names, blanks being one, as ``sql ...``.

Known limits. Values that a program computes are not known. A statement that stands outside a client
and outside a call counts only where it ends in ``;`` or names what it is about (TABLE, FROM ...).
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping

Words = tuple[str, ...]
CALL = re.compile(r"(?:\.\s*|\bnew\s+)([A-Za-z]\w*)\s*\(")
TEXT = re.compile(r"'((?:\\.|[^'\\])*)'|\"((?:\\.|[^\"\\])*)\"", re.DOTALL)
NAMED = re.compile(
    r"(\w+)['\"]?\s*[=:]\s*(?:'((?:\\.|[^'\\])*)'|\"((?:\\.|[^\"\\])*)\"|([\w.:/-]+))", re.DOTALL
)
HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
SENDING = ("call", "pcall", "execute_command", "send_command", "sendcommand")
"""Calls that send a command of Redis by its name."""
RUNNING = ("run", "system", "popen", "call", "check_call", "check_output", "exec", "execsync")
"""Calls that run a command of a shell."""
VERBS = r"drop|truncate|delete|alter"
STATEMENT = re.compile(rf"^[ \t]*(?=(?:{VERBS})\s)", re.IGNORECASE | re.MULTILINE)
PLAIN = re.compile(r"(drop|truncate|alter)\s+(table|database|schema)\b|delete\s+from\b", re.I)
SQL_COMMENT = re.compile(r"--[^\n]*|/\*.*?\*/", re.DOTALL)
LONGEST_CALL = 20_000
"""Characters of a call beyond which its end is not looked for."""


def kebab(name: str) -> str:
    """Return a name of an SDK as the command line spells it: SkipFinalSnapshot, delete_bucket."""
    return HUMP.sub("-", name).replace("_", "-").lower()


def options_of(values: Mapping[str, object]) -> Words:
    """Return parameters as options of the command line; of a flag the name alone."""
    words: list[str] = []
    for name, value in values.items():
        text = value if isinstance(value, str) else json.dumps(value, default=str)
        if text.lower() in ("true", "false"):
            words.append(f"--{'no-' if text.lower() == 'false' else ''}{kebab(name)}")
        else:
            words += [f"--{kebab(name)}", text]
    return tuple(words)


def call_words(text: str) -> Iterator[Words]:
    """Yield what the calls of a text do, as commands."""
    for found in CALL.finditer(text):
        name = found[1]
        inside = _inside(text, found.end())
        said = [one or other for one, other in TEXT.findall(inside)]
        named = {key: one or other or bare for key, one, other, bare in NAMED.findall(inside)}
        yield ("aws", "-", kebab(name.removesuffix("Command")), *options_of(named))
        yield ("redis-cli", *(() if name.lower() in SENDING else (name,)), *said)
        for part in said:
            yield from statements(part)


def run_texts(text: str) -> Iterator[str]:
    """Yield what calls have a shell run: ``os.system("...")``, ``subprocess.run([...])``."""
    for found in CALL.finditer(text):
        if found[1].lower() in RUNNING:
            said = [one or other for one, other in TEXT.findall(_inside(text, found.end()))]
            yield " ".join(said)


def _inside(text: str, start: int) -> str:
    """Return what stands between the bracket that opens before `start` and the one that closes."""
    depth = 1
    for found in re.finditer(rf"{TEXT.pattern}|[()]", text[start : start + LONGEST_CALL], re.S):
        depth += {"(": 1, ")": -1}.get(found.group(), 0)
        if depth == 0:
            return text[start : start + found.start()]
    return text[start : start + LONGEST_CALL]


def statements(text: str) -> Iterator[Words]:
    """Yield the statements of a text that is SQL."""
    for part in SQL_COMMENT.sub(" ", text).split(";"):
        words = tuple(re.sub(r"[\"`\[\]]", "", part).split())
        if words and re.fullmatch(VERBS, words[0], re.I):
            yield ("sql", *words)


def bare_statements(text: str) -> Iterator[Words]:
    """Yield the statements that begin a line of a text that may be anything."""
    plain = SQL_COMMENT.sub(" ", text)
    for found in STATEMENT.finditer(plain):
        part, end, _ = plain[found.end() :].partition(";")
        if end or PLAIN.match(part):
            yield from statements(part)
