"""API calls: through the cache, counted, capped in price, with every page or an error.

`Caller.ask` is one call and `Caller.pages` one request with all its pages. Both give plain JSON
values, the same from the network and from the cache: times are ISO texts, and there is no
``ResponseMetadata``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from botocore.exceptions import IncompleteReadError

from prismlib.errors import BrokenAnswerError, CallError, SpendLimitError
from prismlib.sources.aws_errors import RAISED, STALE_TOKEN, translated
from prismlib.sources.clients import GLOBAL, Clients
from prismlib.sources.ledger import Ledger, anew
from prismlib.sources.outages import Outages
from prismlib.sources.permissions import is_read_only
from prismlib.sources.redaction import Redactor
from prismlib.sources.request_cache import Answer, RequestCache

Settled = Callable[[dict[str, Any]], bool]

REPEATED_TOKEN = "RepeatedToken"


@dataclass
class Attempt:
    """The answers that came since it began: those the cache holds, and their times."""

    keys: list[str] = field(default_factory=list)
    from_cache: int = 0
    oldest: datetime | None = None
    newest: datetime | None = None


@dataclass
class Caller:
    """Makes the calls of one pull.

    Parameters
    ----------
    clients : Clients
        Where the calls go.
    now : datetime
        The time of the pull, with its zone; answers are stamped with it.
    cache : RequestCache, optional
        Keeps answers that cost money or are settled; without one, nothing is kept.
    max_usd : Decimal, optional
        No paid call is made that would bring the price above it. [USD]
    redactor : Redactor, optional
        Takes account ids out of every answer before it is kept or returned.
    refresh : bool
        Ask again for what the cache holds.
    on_call : callable, optional
        Called with the ledger after each answer.
    """

    clients: Clients
    now: datetime
    cache: RequestCache | None = None
    max_usd: Decimal | None = None
    redactor: Redactor | None = None
    refresh: bool = False
    on_call: Callable[[Ledger], None] | None = None
    ledger: Ledger = field(default_factory=Ledger)
    outages: Outages = field(default_factory=Outages)
    _attempts: list[Attempt] = field(default_factory=list)
    _asked: set[str] = field(default_factory=set)

    def ask(
        self,
        service: str,
        operation: str,
        *,
        region: str | None = None,
        usd: Decimal = Decimal(0),
        is_settled: Settled | None = None,
        **parameters: Any,
    ) -> dict[str, Any]:
        """Return the answer to one call.

        Parameters
        ----------
        service, operation : str
            As botocore names them: ``ce``, ``get_cost_and_usage``.
        region : str, optional
            That of the session if None.
        usd : Decimal
            What the call costs. [USD]
        is_settled : callable, optional
            Whether an answer cannot change any more. Free answers without it are not kept.

        Raises
        ------
        CallError
            The call failed; see `aws_errors` for its kinds.
        SpendLimitError
            It was not made, because of its price.
        """
        keeps = self.cache is not None and (usd > 0 or is_settled is not None)
        key = self._key(service, operation, region, parameters) if keeps else ""
        count = self.ledger.count(service, operation)
        answer = self._cached(key) if key else None
        if answer is None:
            body = self._call(service, operation, region, usd, parameters)
            settled = is_settled is not None and is_settled(body)
            answer = Answer(body, fetched_at=self.now, is_settled=settled)
            if key and self.cache:
                self.cache.write(key, answer)
                self._asked.add(key)
        else:
            count.cache += 1
        for attempt in self._attempts:
            attempt.from_cache += answer.from_cache
            attempt.oldest = min(attempt.oldest or answer.fetched_at, answer.fetched_at)
            attempt.newest = max(attempt.newest or answer.fetched_at, answer.fetched_at)
            attempt.keys += [key] if key else []
        if self.on_call:
            self.on_call(self.ledger)
        return answer.body

    def pages(
        self,
        service: str,
        operation: str,
        *,
        token: str,
        answer_token: str,
        region: str | None = None,
        usd: Decimal = Decimal(0),
        is_settled: Settled | None = None,
        **parameters: Any,
    ) -> Iterator[dict[str, Any]]:
        """Yield every page of one request; each page is a call with its price.

        `token` is the parameter that asks for the next page, `answer_token` where an answer names
        it (dots lead into objects). Pages of the cache whose continuation is refused are asked
        for again from the first one.

        Raises
        ------
        BrokenAnswerError
            A token came twice, so the pages would never end. None of them stays in the cache.
        """
        options: dict[str, Any] = {"region": region, "usd": usd, "is_settled": is_settled}
        with self.attempt() as attempt:
            while True:
                try:
                    found = self._chain(
                        service, operation, token, answer_token, options, parameters
                    )
                    break
                except BrokenAnswerError as error:
                    is_old = error.code in STALE_TOKEN and attempt.from_cache > 0
                    if is_old or error.code == REPEATED_TOKEN:
                        self.forget(attempt)
                    if not is_old:
                        raise
        yield from found

    def cached_pages(
        self,
        service: str,
        operation: str,
        *,
        token: str,
        answer_token: str,
        region: str | None = None,
        is_settled: Settled | None = None,
        **parameters: Any,
    ) -> tuple[int, bool]:
        """Return how many pages of a request need not be paid for, and whether those are all."""
        following: dict[str, Any] = {}
        count = 0
        while self.cache is not None:
            answer = self._cached(self._key(service, operation, region, parameters | following))
            if answer is None:
                break
            count += 1
            if not (value := _inside(answer.body, answer_token)):
                return count, True
            following = {token: value}
        return count, False

    @contextmanager
    def attempt(self) -> Iterator[Attempt]:
        """Give a record of the cached answers that the block uses, for `forget`."""
        attempt = Attempt()
        self._attempts.append(attempt)
        try:
            yield attempt
        finally:
            # By identity: two attempts that saw the same answers are equal.
            self._attempts = [one for one in self._attempts if one is not attempt]

    def forget(self, attempt: Attempt) -> None:
        """Remove the answers of an attempt from the cache."""
        for key in attempt.keys:
            if self.cache:
                self.cache.forget(key)
        attempt.keys, attempt.from_cache = [], 0

    def _chain(
        self,
        service: str,
        operation: str,
        token: str,
        answer_token: str,
        options: Mapping[str, Any],
        parameters: Mapping[str, Any],
    ) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = []
        seen: set[str] = set()
        following: dict[str, Any] = {}
        while True:
            answer = self.ask(service, operation, **options, **parameters, **following)
            found.append(answer)
            value = _inside(answer, answer_token)
            if not value:
                return found
            if value in seen:
                raise BrokenAnswerError(
                    service,
                    operation,
                    "leads to a page that was already read",
                    code=REPEATED_TOKEN,
                    seen=f"the same token after {len(found)} pages",
                    remedy=f"run it again ({anew(len(found), options['usd'])}); if it happens"
                    " again, report it",
                )
            seen.add(value)
            following = {token: value}

    def _key(
        self, service: str, operation: str, region: str | None, parameters: Mapping[str, Any]
    ) -> str:
        assert self.cache is not None
        return self.cache.key(
            service=service,
            operation=operation,
            region="" if service in GLOBAL else region or self.clients.default_region,
            parameters=plain_json(parameters),
            is_redacted=self.redactor is not None,
        )

    def _cached(self, key: str) -> Answer | None:
        if self.cache is None or (self.refresh and key not in self._asked):
            return None
        return self.cache.read(key, self.now)

    def _call(
        self,
        service: str,
        operation: str,
        region: str | None,
        usd: Decimal,
        parameters: Mapping[str, Any],
    ) -> dict[str, Any]:
        """Return a new answer; one that is broken is asked for once more."""
        try:
            return self._call_once(service, operation, region, usd, parameters)
        except BrokenAnswerError as error:
            if error.code in STALE_TOKEN:
                raise
        return self._call_once(service, operation, region, usd, parameters)

    def _call_once(
        self,
        service: str,
        operation: str,
        region: str | None,
        usd: Decimal,
        parameters: Mapping[str, Any],
    ) -> dict[str, Any]:
        if not is_read_only(operation):
            raise CallError(service, operation, "is not a call that only reads")
        place = region or self.clients.default_region
        self.outages.check(service, place)
        count = self.ledger.count(service, operation)
        spent = self.ledger.total().usd
        if usd and self.max_usd is not None and spent + usd > self.max_usd:
            raise SpendLimitError(spent=spent, price=usd, limit=self.max_usd)
        count.network += 1
        count.paid += usd > 0
        count.usd += usd
        sent = self.redactor.restored(dict(parameters)) if self.redactor else parameters
        try:
            is_hasty = self.outages.is_suspect(service)
            client = self.clients.client(service, region, is_hasty=is_hasty)
            answer = dict(getattr(client, operation)(**sent))
            _check_not_cut_off(client, operation, answer)
        except RAISED as error:
            count.failed += usd > 0
            words = _period_words(parameters)
            known = translated(error, service, operation, period=words, region=region or "")
            self.outages.failed(service, place, known)
            # The provider's words hold account ids and role names: they stay out of tracebacks too.
            raise known from None
        self.outages.answered(service, place)
        count.retries += int(answer.pop("ResponseMetadata", {}).get("RetryAttempts", 0))
        body: dict[str, Any] = plain_json(answer)
        return self.redactor.answer(body) if self.redactor else body


def _period_words(parameters: Mapping[str, Any]) -> str:
    period = parameters.get("TimePeriod", {})
    return f"{period['Start']} to {period['End']}" if "End" in period else ""


def _check_not_cut_off(client: Any, operation: str, answer: Mapping[str, Any]) -> None:
    """Raise if an answer lacks what each one of its operation has.

    In JSON, any part: botocore reads JSON that was cut off as none. In XML, one of its lists, which
    is there when nothing is in it.
    """
    model = client.meta.service_model
    parts: set[str] = set(answer) - {"ResponseMetadata"}
    wanted = parts
    if "json" not in model.resolved_protocol:
        name = client.meta.method_to_api_mapping[operation]
        shape = model.operation_model(name).output_shape
        wanted = {
            part
            for part, one in (shape.members if shape else {}).items()
            if one.type_name == "list" and not one.serialization.get("flattened")
        }
        if not wanted:
            return
    if not parts & wanted:
        raise IncompleteReadError(actual_bytes=0, expected_bytes=1)


def plain_json(value: Any) -> Any:
    """Return a value as JSON holds it: times as ISO texts, tuples as lists."""
    if isinstance(value, Mapping):
        return {str(key): plain_json(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain_json(item) for item in value]
    if isinstance(value, datetime | date):
        return value.isoformat()
    return value


def _inside(answer: Mapping[str, Any], path: str) -> str:
    """Return the text at a dotted path of an answer; empty where there is none."""
    value: Any = answer
    for name in path.split("."):
        value = value.get(name) if isinstance(value, Mapping) else None
    return str(value or "")
