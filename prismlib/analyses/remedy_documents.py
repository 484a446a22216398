"""The JSON documents of a remedy: the body itself, or what its commands and calls are given.

Method. A body that is JSON is one document; of any other, each object of JSON in it is read, within
quotes of the shell too, and so are literals of Python. Wherever a policy (``Statement``) or a set
of rules (``Rules``) stands in an object, in a document within a document too, it is judged. IAM
takes one statement in place of a list of them. Whatever else has a shape that AWS does not take is
named in `faults` and left out; so is an object in which a key stands twice: readers take either.

Known limits. YAML and the shorthand of the command line (``Key=value``) are not read; neither are
files that a command names.
"""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from prismlib.analyses.command_text import readings

Object = dict[str, Any]
STATEMENT = "Statement"
RULES = "Rules"
MOST_TRIES = 1000
"""Brackets of a text at which an object is looked for."""
LONGEST_LITERAL = 20_000
KINDS = {
    dict: "an object",
    list: "a list",
    str: "text",
    bool: "true or false",
    int: "a number",
    float: "a number",
    type(None): "null",
}


@dataclass(frozen=True)
class Document:
    """A policy or a set of rules; `bucket` is the one of its own command, empty for none."""

    value: Object
    statements: tuple[Object, ...]
    rules: tuple[Object, ...]
    faults: tuple[str, ...]
    bucket: str = ""


@dataclass(frozen=True)
class Documents:
    """What a body holds, and what of it cannot be read."""

    found: tuple[Document, ...]
    faults: tuple[str, ...]
    is_json: bool

    @property
    def all_faults(self) -> list[str]:
        """Every fault, of the body and of its documents, once."""
        inner = (fault for one in self.found for fault in one.faults)
        return list(dict.fromkeys([*self.faults, *inner]))


class _Twice(ValueError):
    """A key stands twice in an object."""


@lru_cache(maxsize=512)
def documents(body: str) -> Documents:
    """Return the policies and rules of a body."""
    value, fault = _parsed(body)
    if fault or isinstance(value, (dict, list)):
        found = tuple(_document(one, "") for one in _judged(value))
        return Documents(found, tuple(fault), is_json=True)
    faults: list[str] = []
    seen: dict[str, Document] = {}
    for text, bucket in _texts(body, faults):
        for one in _objects(text, faults):
            for part in _judged(one):
                key = json.dumps(part, sort_keys=True, default=str)
                seen.setdefault(key, _document(part, bucket))
    return Documents(tuple(seen.values()), tuple(dict.fromkeys(faults)), is_json=False)


def option(words: tuple[str, ...] | list[str], name: str) -> str | None:
    """Return the value of an option, ``--name value`` or ``--name=value``."""
    for place, word in enumerate(words):
        if word == name and place + 1 < len(words):
            return words[place + 1]
        if word.startswith(f"{name}="):
            return word.split("=", 1)[1]
    return None


def kind_of(value: object) -> str:
    """Return what a value of JSON is, in words."""
    return KINDS.get(type(value), "something else")


def _once(pairs: list[tuple[str, Any]]) -> Object:
    names = [name for name, _ in pairs]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise _Twice(f"the key {twice[0]} stands twice in an object")
    return dict(pairs)


def _parsed(text: str) -> tuple[Any, list[str]]:
    """Return the value of a text, None for no JSON, and why an object of JSON is not read."""
    try:
        return json.loads(text, object_pairs_hook=_once), []
    except _Twice as error:
        return None, [str(error)]
    except RecursionError:
        return None, ["its objects lie too deep within each other"]
    except ValueError:
        return None, []


def _texts(body: str, faults: list[str]) -> Iterator[tuple[str, str]]:
    """Yield texts that may hold objects, the words of commands first: they name a bucket."""
    for words in readings(body).commands:
        bucket = option(words, "--bucket") or ""
        for name, word in zip(("", *words), words, strict=False):
            if "{" not in word:
                continue
            yield word, bucket
            begins = re.match(r"\s*\{\s*\"", word) and name.startswith("--")
            if begins and _parsed(word) == (None, []):
                faults.append(f"what {name} is given begins as JSON and is none")
    yield readings(body).text, ""


def _objects(text: str, faults: list[str]) -> Iterator[Any]:
    """Yield the objects of JSON, or of Python, that stand in a text beside each other."""
    decoder = json.JSONDecoder(object_pairs_hook=_once)
    place, tries = text.find("{"), 0
    while place >= 0 and tries < MOST_TRIES:
        tries += 1
        end = place + 1
        try:
            value, end = decoder.raw_decode(text, place)
            yield value
        except _Twice as error:
            faults.append(str(error))
        except (ValueError, RecursionError):
            value, end = _literal(text, place)
            if value is not None:
                yield value
        place = text.find("{", end)


def _literal(text: str, place: int) -> tuple[Any, int]:
    """Return the literal of Python that begins at a bracket, and where it ends."""
    depth = 0
    tokens = re.compile(r"'(?:\\.|[^'\\\n])*'|\"(?:\\.|[^\"\\\n])*\"|[{}]")
    for found in tokens.finditer(text, place, place + LONGEST_LITERAL):
        depth += {"{": 1, "}": -1}.get(found.group(), 0)
        if depth == 0:
            try:
                return ast.literal_eval(text[place : found.end()]), found.end()
            except (ValueError, SyntaxError, TypeError, MemoryError, RecursionError):
                return None, place + 1
    return None, place + 1


def _judged(value: Any) -> Iterator[Object]:
    """Yield the policies and the sets of rules in a value, however deep."""
    waiting = [value]
    while waiting:
        one = waiting.pop()
        if isinstance(one, dict):
            if STATEMENT in one or RULES in one:
                yield one
            waiting += list(one.values())
        elif isinstance(one, (list, tuple)):
            waiting += list(one)
        elif isinstance(one, str) and one.lstrip().startswith("{"):
            waiting.append(_parsed(one)[0])


def _document(value: Object, bucket: str) -> Document:
    faults: list[str] = []
    statements, rules = [], []
    if STATEMENT in value:
        written = value[STATEMENT]
        listed = [written] if isinstance(written, dict) else written
        statements = [one for one in _each(listed, STATEMENT, faults) if _is_statement(one, faults)]
    if RULES in value:
        rules = [one for one in _each(value[RULES], RULES, faults) if _is_rule(one, faults)]
    return Document(value, tuple(statements), tuple(rules), tuple(dict.fromkeys(faults)), bucket)


def _each(value: object, name: str, faults: list[str]) -> Iterator[Object]:
    """Yield the objects of a list; whatever is none is a fault."""
    if not isinstance(value, list):
        faults.append(f"{name} is {kind_of(value)}, not a list of objects")
        return
    for number, one in enumerate(value, start=1):
        if isinstance(one, dict):
            yield one
        else:
            faults.append(f"{name} {number} is {kind_of(one)}, not an object")


def _is_statement(statement: Mapping[str, Any], faults: list[str]) -> bool:
    """Return whether a statement has the shape that IAM takes."""
    wrong = [
        f"{name} is {kind_of(statement[name])}, not text or a list of text"
        for name in ("Action", "NotAction", "Resource", "NotResource")
        if name in statement and texts_of(statement[name]) is None
    ]
    condition = statement.get("Condition", {})
    if not isinstance(condition, dict) or not all(isinstance(v, dict) for v in condition.values()):
        wrong.append("Condition is not an object of objects")
    if statement.get("Effect") not in ("Allow", "Deny"):
        wrong.append(f"Effect is {statement.get('Effect')!r}, not Allow or Deny")
    faults += wrong
    return not wrong


def texts_of(value: object) -> list[str] | None:
    """Return a text or a list of them as a list; None for anything else."""
    listed = [value] if isinstance(value, str) else value
    if not isinstance(listed, list) or not all(isinstance(one, str) for one in listed):
        return None
    return listed


def _is_rule(rule: Mapping[str, Any], faults: list[str]) -> bool:
    """Return whether the parts of a rule that are judged here have the shape that S3 takes."""
    wrong = [
        f"{name} is {kind_of(rule[name])}, not an object"
        for name in ("DeleteMarkerReplication", "Destination")
        if name in rule and not isinstance(rule[name], dict)
    ]
    wrong += [f"{name} is null" for name in _empty(rule)]
    faults += wrong
    return not wrong


def _empty(value: object) -> Iterator[str]:
    """Yield the keys of a rule that are null, at any depth: the command line refuses them."""
    waiting = [value]
    while waiting:
        one = waiting.pop()
        if isinstance(one, Mapping):
            yield from (str(key) for key, inner in one.items() if inner is None)
            waiting += list(one.values())
        elif isinstance(one, list):
            waiting += one
