"""Evidence over HTTP: Prometheus, Alertmanager and Grafana, at addresses that the user gives.

Only GET, and only there: no redirect is followed, no proxy of the environment is used. A login
goes into the address (``https://name:password@host``) or, for Grafana, into the variable
``PRISM_GRAFANA_TOKEN``; neither is written to the evidence.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import partial
from typing import Any
from urllib.parse import unquote, urlsplit

import urllib3
import yaml

from prismlib.errors import ParameterError
from prismlib.sources.evidence import BROKEN, Fact, Look, counted

TIMEOUT = urllib3.Timeout(connect=5, read=20)
TOKEN = "PRISM_GRAFANA_TOKEN"
PAGE = 1000
PROMETHEUS_CHECKS = (
    *("monitoring.targets", "monitoring.down", "monitoring.unwatched"),
    *("monitoring.alertmanagers", "monitoring.rules", "monitoring.runbooks"),
    "monitoring.broken_rules",
)
RUNBOOK = ("runbook_url", "runbook")
"""Annotations that lead from an alert to its runbook."""
LOGIN = (401, 403)


class UnreachableError(Exception):
    """An address gave no usable answer; its text is the reason, without logins."""


@dataclass(frozen=True)
class Address:
    """An HTTP address; `shown` is how it is written down: without its login."""

    url: str
    shown: str
    headers: Mapping[str, str]

    def get(self, path: str) -> Any:
        """Return the JSON at a path below the address.

        Raises
        ------
        UnreachableError
            There is no connection, no success, or no JSON.
        """
        try:
            answer = urllib3.PoolManager(timeout=TIMEOUT, retries=False).request(
                "GET", self.url + path, headers=dict(self.headers), redirect=False
            )
        except (urllib3.exceptions.HTTPError, OSError) as error:
            raise UnreachableError(
                f"{self.shown} does not answer ({type(error).__name__})"
            ) from None
        if answer.status in LOGIN:
            raise UnreachableError(f"{self.shown}{_bare(path)} asks for a login ({answer.status})")
        if answer.status != 200:
            raise UnreachableError(f"{self.shown}{_bare(path)} answered {answer.status}")
        try:
            return json.loads(answer.data)
        except ValueError:
            raise UnreachableError(f"{self.shown}{_bare(path)} gave no JSON") from None


def _bare(path: str) -> str:
    return path.partition("?")[0]


def parse_address(option: str, text: str, *, token: str = "") -> Address:
    """Return an address as the user gave it; `token` is sent where it has no login.

    Raises
    ------
    ParameterError
        It is no HTTP address.
    """
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError:
        parts, port = urlsplit(""), None
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.query:
        expected = "an address such as http://prometheus.internal:9090"
        raise ParameterError(option, text.rpartition("@")[2], expected=expected)
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    place = f"{parts.scheme}://{host}{f':{port}' if port else ''}{parts.path.rstrip('/')}"
    headers: dict[str, str] = {}
    if parts.username:
        login = f"{unquote(parts.username)}:{unquote(parts.password or '')}"
        headers = urllib3.make_headers(basic_auth=login)
    elif token:
        headers = {"Authorization": f"Bearer {token}"}
    return Address(place, place, headers)


def answers(checks: Sequence[str], subject: str, read: Callable[[], Iterator[Fact]]) -> list[Fact]:
    """Return the facts that `read` gives, or each check without a value and the reason."""
    try:
        return list(read())
    except UnreachableError as error:
        reason = str(error)
    except BROKEN:
        reason = f"{subject} answered in another form than its API does"
    return [Fact(check, subject, None, subject, reason=reason) for check in checks]


# --- Prometheus -----------------------------------------------------------------------------------


def collect_prometheus(look: Look, addresses: Sequence[Address]) -> list[Fact]:
    """Return the facts of one or more Prometheus servers; what two of them scrape counts once."""
    facts: list[Fact] = []
    targets: dict[tuple[str, str], tuple[str, str]] = {}
    rules: dict[tuple[str, str, str], Mapping[str, Any]] = {}
    unseen: list[Fact] = []
    for one in addresses:
        facts += answers(("monitoring.alertmanagers",), one.shown, partial(_senders, one))
        unseen += answers(PROMETHEUS_CHECKS[:3], one.shown, partial(_read_targets, one, targets))
        unseen += answers(PROMETHEUS_CHECKS[4:], one.shown, partial(_read_rules, one, rules))
    where = ", ".join(one.shown for one in addresses)
    blind = {fact.check_id for fact in unseen}
    are_some_seen = len(unseen) < 6 * len(addresses)
    if are_some_seen and (targets or "monitoring.targets" not in blind):
        facts += target_facts(targets, where)
        facts += _unwatched(look, targets, where)
    if are_some_seen and (rules or "monitoring.rules" not in blind):
        facts += rule_facts(list(rules.values()), where)
    return facts + unseen


def _senders(one: Address) -> Iterator[Fact]:
    found = one.get("/api/v1/alertmanagers")["data"]["activeAlertmanagers"]
    words = "alerts go nowhere" if not found else ""
    names = [str(urlsplit(each["url"]).netloc) for each in found]
    source = f"{one.shown}/api/v1/alertmanagers"
    yield counted("monitoring.alertmanagers", one.shown, names, source, words)


def _read_targets(one: Address, targets: dict[tuple[str, str], tuple[str, str]]) -> Iterator[Fact]:
    """Keep the state and the address of each target; one that is up somewhere is up."""
    for each in one.get("/api/v1/targets?state=active")["data"]["activeTargets"]:
        labels = each["labels"]
        key = labels.get("job", ""), labels.get("instance", "")
        if targets.get(key, ("", ""))[0] != "up":
            targets[key] = each["health"], urlsplit(each["scrapeUrl"]).hostname or ""
    return iter(())


def target_facts(targets: Mapping[tuple[str, str], tuple[str, str]], where: str) -> Iterator[Fact]:
    """Yield how many targets answer and how many do not; by job in the detail."""
    source = f"{where} /api/v1/targets"
    up = [key for key, (health, _) in targets.items() if health == "up"]
    down = [f"{job} {name}" for (job, name), (health, _) in targets.items() if health != "up"]
    jobs: dict[str, int] = {}
    for job, _ in up:
        jobs[job] = jobs.get(job, 0) + 1
    words = ", ".join(f"{job} {count}" for job, count in sorted(jobs.items())) or "none"
    yield Fact("monitoring.targets", where, Decimal(len(up)), source, detail=words)
    yield counted("monitoring.down", where, sorted(down), source)


def _unwatched(
    look: Look, targets: Mapping[tuple[str, str], tuple[str, str]], where: str
) -> list[Fact]:
    """Return how many running instances have no target at their private address or name."""
    hosts = {host for _, host in targets.values()}

    def read(region: str) -> Iterator[Fact]:
        without = [
            one["InstanceId"]
            for one in running_instances(look, region)
            if not hosts & {one.get("PrivateIpAddress", ""), one.get("PrivateDnsName", "")} - {""}
        ]
        source = f"ec2:DescribeInstances; {where} /api/v1/targets"
        yield counted("monitoring.unwatched", region, without, source)

    return look.by_region(("monitoring.unwatched",), "ec2:DescribeInstances", read, of_none={})


def running_instances(look: Look, region: str) -> Iterator[Mapping[str, Any]]:
    """Yield the running instances of a Region as DescribeInstances gives them."""
    for reservation in look.items(
        *("ec2", "describe_instances", "Reservations", "NextToken"), region=region, MaxResults=1000
    ):
        for one in reservation["Instances"]:
            if one["State"]["Name"] == "running":
                yield one


def _read_rules(
    one: Address, rules: dict[tuple[str, str, str], Mapping[str, Any]]
) -> Iterator[Fact]:
    for group in one.get("/api/v1/rules")["data"]["groups"]:
        for position, rule in enumerate(group["rules"]):
            rules[group["file"], group["name"], f"{position} {rule['name']}"] = rule
    return iter(())


def rule_facts(rules: Sequence[Mapping[str, Any]], where: str) -> Iterator[Fact]:
    """Yield how many rules alert, which have no runbook, and which fail."""
    source = f"{where} /api/v1/rules"
    alerts = [rule for rule in rules if rule["type"] == "alerting"]
    without = [
        rule["name"]
        for rule in alerts
        if not any(rule.get("annotations", {}).get(name) for name in RUNBOOK)
    ]
    broken = [rule["name"] for rule in rules if rule["health"] == "err"]
    yield counted("monitoring.rules", where, [rule["name"] for rule in alerts], source)
    yield counted("monitoring.runbooks", where, without, source)
    yield counted("monitoring.broken_rules", where, broken, source)


# --- Alertmanager and Grafana ---------------------------------------------------------------------


def collect_alertmanager(one: Address) -> list[Fact]:
    """Return how many receivers of an Alertmanager have an integration that sends."""
    return answers(("alerting.receivers",), one.shown, lambda: _receivers(one))


def _receivers(one: Address) -> Iterator[Fact]:
    names = [each["name"] for each in one.get("/api/v2/receivers")]
    text = one.get("/api/v2/status")["config"]["original"]
    source = f"{one.shown} /api/v2/receivers /api/v2/status"
    sending = [name for name in sending_receivers(text) if name in names]
    silent = [name for name in names if name not in sending]
    words = ", ".join(sending) or "none"
    if silent:
        words += f"; sends nowhere: {', '.join(silent)}"
    yield Fact("alerting.receivers", one.shown, Decimal(len(sending)), source, detail=words)


def sending_receivers(text: str) -> list[str]:
    """Return the receivers of a configuration (YAML) that have at least one integration."""
    return [
        each["name"]
        for each in (yaml.safe_load(text) or {}).get("receivers") or ()
        if any(name.endswith("_configs") and value for name, value in each.items())
    ]


def collect_grafana(one: Address) -> list[Fact]:
    """Return how many dashboards a Grafana shows, with their titles."""
    return answers(("dashboards.found",), one.shown, lambda: _dashboards(one))


def _dashboards(one: Address) -> Iterator[Fact]:
    titles: dict[str, str] = {}
    page = 1
    while True:
        found = one.get(f"/api/search?type=dash-db&limit={PAGE}&page={page}")
        new = {each["uid"]: each["title"] for each in found if each["uid"] not in titles}
        titles.update(new)
        if len(found) < PAGE or not new:
            break
        page += 1
    words = ", ".join(sorted(titles.values())) or "none"
    source = f"{one.shown}/api/search"
    yield Fact("dashboards.found", one.shown, Decimal(len(titles)), source, detail=words)


def grafana_token() -> str:
    """Return the token for Grafana that the environment holds."""
    return os.environ.get(TOKEN, "")
