"""What a collector of evidence is: read-only looks at an account, each a fact or a reason.

Collecting and judging are apart: a collector says what it saw of each thing (`Fact`), and
`evidence_judging` says what that means by the rules of ``data/reference/evidence_check.csv``. What
could not be seen (denied, throttled, absent, unreachable) is a fact without a value, with the
reason; it is never taken for nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal
from functools import partial
from typing import Any

from prismlib.errors import BrokenAnswerError, CallError
from prismlib.formats import named
from prismlib.sources.calls import Caller
from prismlib.sources.collecting import PullContext
from prismlib.sources.inventory import reason_of

TABLE = "evidence"
THINGS = "evidence_thing"
ACCOUNT = "the account"
BROKEN = (KeyError, TypeError, AttributeError, ValueError)
"""What an answer of another shape than the documented one raises when it is read."""


@dataclass(frozen=True)
class Fact:
    """What was seen of one thing for one check.

    Attributes
    ----------
    check_id : str
        A check of ``evidence_check.csv``.
    subject : str
        The thing: a role, a bucket, a Region ...
    value : Decimal or None
        The figure, in the unit of the check; None is not known, and `reason` says why.
    source : str
        The calls or the address that it came from.
    reason, detail : str
        Why it is not known; what else was seen.
    observed_at : datetime or None
        When it was so; None is the moment of the pull.
    names : tuple of str
        What was counted, one name for each one of `value`; empty where `subject` is all of it.
    """

    check_id: str
    subject: str
    value: Decimal | None
    source: str
    reason: str = ""
    detail: str = ""
    observed_at: datetime | None = None
    names: tuple[str, ...] = ()


@dataclass
class Look:
    """A look at an account: how to ask, and what about.

    Attributes
    ----------
    caller : Caller
    context : PullContext
        Its time, its Regions, and what is left out.
    buckets : tuple of str
        The buckets whose data matters; all of the Regions if empty.
    wait : callable
        Waits some seconds for a report that the provider is making.
    """

    caller: Caller
    context: PullContext
    buckets: tuple[str, ...] = ()
    wait: Callable[[float], None] = field(default=lambda seconds: None)

    def items(
        self, service: str, operation: str, key: str, token: str, **parameters: Any
    ) -> Iterator[Mapping[str, Any]]:
        """Yield the list `key` of every page; ``token`` is the parameter for the next page.

        With ``token`` as ``ask>answer`` its name in the answer differs.
        """
        asked, _, answered = token.partition(">")
        pages = self.caller.pages(
            service, operation, token=asked, answer_token=answered or asked, **parameters
        )
        for page in pages:
            yield from page.get(key) or ()

    def facts(
        self, checks: Sequence[str], subject: str, source: str, read: Callable[[], Iterable[Fact]]
    ) -> list[Fact]:
        """Return the facts that `read` gives; each of `checks` without a value if it cannot.

        Raises
        ------
        CallError
            It is one that must stop the pull.
        """
        try:
            return list(read())
        except CallError as error:
            return [self.unknown(check, subject, source, error) for check in checks]
        except BROKEN as error:
            broken = BrokenAnswerError(
                "AWS", source, "is not what the service gives", code=type(error).__name__
            )
            return [self.unknown(check, subject, source, broken) for check in checks]

    def unknown(self, check: str, subject: str, source: str, error: CallError) -> Fact:
        """Return that `subject` could not be seen, and name it in the context of the pull."""
        reason = reason_of(error)
        self.context.unread(TABLE, f"{check} of {subject}", error)
        return Fact(check, subject, None, source, reason=reason)

    def by_region(
        self,
        checks: Sequence[str],
        source: str,
        read: Callable[[str], Iterable[Fact]],
        *,
        of_none: Mapping[str, str],
    ) -> list[Fact]:
        """Return the facts of every Region, and of the account where no Region had any.

        `of_none` are the checks that then have the value 0, each with what is said about it.
        """
        found: list[Fact] = []
        for region in self.context.regions:
            found += self.facts(checks, region, source, partial(read, region))
        seen = {fact.check_id for fact in found}
        where = ", ".join(self.context.regions)
        none = [
            Fact(check, ACCOUNT, Decimal(0), source, detail=f"{words} in {where}")
            for check, words in of_none.items()
            if check not in seen
        ]
        return found + none


@dataclass(frozen=True)
class EvidenceCollector:
    """Looks at one topic: `checks` are all that it answers, `actions` all that it may need."""

    name: str
    checks: tuple[str, ...]
    actions: tuple[str, ...]
    get: Callable[[Look], Iterable[Fact]]

    def read(self, look: Look) -> list[Fact]:
        """Return its facts; each check without a value if the topic cannot be read at all."""
        return look.facts(self.checks, ACCOUNT, " ".join(self.actions), lambda: self.get(look))


def sourced(facts: Iterable[Fact], source: str) -> list[Fact]:
    """Return facts with another source."""
    return [replace(fact, source=source) for fact in facts]


def counted(check: str, subject: str, found: Sequence[str], source: str, detail: str = "") -> Fact:
    """Return the fact of how many things were found: their names, in words the first few."""
    value, words = Decimal(len(found)), detail or named(found)
    return Fact(check, subject, value, source, detail=words, names=tuple(found))
