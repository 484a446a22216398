"""The user's own list of CloudWatch metrics: a small YAML file.

::

    metrics:
      - namespace: AWS/ElastiCache
        metric: ReplicationLag
        dimensions: {CacheClusterId: redis-1}   # every dimension that the metric has
        statistics: [Average, p99]
        period_s: 300         # wanted; older data only exists at longer ones (default 3600)
        unit: Seconds         # for the reader: it is not sent (default none)
        regions: [us-west-2]  # default: those of the pull

Values are taken as they are written, so that an account id keeps its leading zero.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import yaml

from prismlib.errors import SourceError
from prismlib.sources.inventory import canonical
from prismlib.sources.metric_queries import HOUR, PERIODS, Series, period_for

KEYS = ("namespace", "metric", "dimensions", "statistics", "period_s", "unit", "regions")
MUST = ("namespace", "metric", "dimensions", "statistics")
STATISTIC = re.compile(
    r"SampleCount|Average|Sum|Minimum|Maximum|IQM"
    r"|(p|tc|tm|ts|wm)(100|\d{1,2})(\.\d{1,10})?"
    r"|(PR|TC|TM|TS|WM)\([\d.]*%?:[\d.]*%?\)"
)
NULL = "tag:yaml.org,2002:null"


@dataclass(frozen=True)
class MetricRule:
    """One entry of the list."""

    namespace: str
    metric_name: str
    dimensions: tuple[tuple[str, str], ...]
    statistics: tuple[str, ...]
    period_s: int = HOUR
    unit: str = ""
    regions: tuple[str, ...] = ()


def read_metric_rules(path: Path) -> tuple[MetricRule, ...]:
    """Return the entries of a list of metrics.

    Raises
    ------
    SourceError
        The file is missing, is no YAML, or an entry is not as it must be; names the line.
    """
    if not path.is_file():
        raise SourceError("no such file", path=path, expected="a YAML list of metrics")
    try:
        root = yaml.compose(path.read_text(encoding="utf-8-sig"), Loader=yaml.SafeLoader)
    except (yaml.YAMLError, UnicodeDecodeError, RecursionError) as error:
        mark = getattr(error, "problem_mark", None)
        raise SourceError(
            "is not readable YAML",
            path=path,
            row=mark.line + 1 if mark else None,
            seen=getattr(error, "problem", None) or str(error),
            expected="a list under the key metrics",
        ) from None
    reader = _Reader(path)
    if isinstance(root, yaml.SequenceNode):
        what, expected = "begins with a list", "a line metrics: and the list below it"
        raise reader.refuse(root, what, "a list", expected)
    top = reader.mapping(root, "the file", ("metrics",), ("metrics",))
    return tuple(reader.rule(node) for node in reader.items(top["metrics"], "metrics"))


def rule_series(
    rules: Sequence[MetricRule], regions: Sequence[str], start: datetime, now: datetime
) -> Iterator[Series]:
    """Yield the series that the user asks for."""
    for rule in rules:
        for region in rule.regions or regions:
            for statistic in rule.statistics:
                yield Series(
                    region_id=region,
                    namespace=rule.namespace,
                    metric_name=rule.metric_name,
                    dimensions=canonical(dict(rule.dimensions)),
                    statistic=statistic,
                    period_s=period_for(rule.period_s, start, now),
                    unit=rule.unit,
                )


@dataclass(frozen=True)
class _Reader:
    """Turns the nodes of one file into entries; an error names the line of its node."""

    path: Path

    def refuse(self, node: yaml.Node | None, what: str, seen: str, expected: str) -> SourceError:
        return SourceError(
            what,
            path=self.path,
            row=1 if node is None else node.start_mark.line + 1,
            seen=seen[:200],
            expected=expected,
            remedy="data/README.md has an example",
        )

    def rule(self, node: yaml.Node) -> MetricRule:
        found = self.mapping(node, "an entry", KEYS, MUST)
        dimensions = self.mapping(found["dimensions"], "dimensions")
        statistics = self.texts(found["statistics"], "statistics")
        for name in statistics:
            if not STATISTIC.fullmatch(name):
                expected = "Average, Sum, Minimum, Maximum, SampleCount, p99, tm95 ..."
                raise self.refuse(found["statistics"], "no such statistic", name, expected)
        return MetricRule(
            namespace=self.text(found["namespace"], "namespace"),
            metric_name=self.text(found["metric"], "metric"),
            dimensions=tuple(sorted((k, self.text(v, k)) for k, v in dimensions.items())),
            statistics=statistics,
            period_s=self.period(found.get("period_s")),
            unit=self.text(found["unit"], "unit") if "unit" in found else "",
            regions=self.texts(found["regions"], "regions") if "regions" in found else (),
        )

    def period(self, node: yaml.Node | None) -> int:
        if node is None:
            return HOUR
        text = self.text(node, "period_s")
        if text not in map(str, PERIODS):
            expected = f"one of {', '.join(map(str, PERIODS))} seconds"
            raise self.refuse(node, "period_s is not usable", text, expected)
        return int(text)

    def mapping(
        self,
        node: yaml.Node | None,
        what: str,
        known: Sequence[str] = (),
        must: Sequence[str] = (),
    ) -> dict[str, yaml.Node]:
        expected = ", ".join(known) or "NAME: VALUE"
        if not isinstance(node, yaml.MappingNode):
            raise self.refuse(node, f"{what} is no mapping", _kind(node), expected)
        found: dict[str, yaml.Node] = {}
        for key, value in node.value:
            name = self.text(key, "a key")
            if name in found or (known and name not in known):
                problem = "comes twice" if name in found else "is not known"
                raise self.refuse(key, f"{what}: a key {problem}", name, expected)
            found[name] = value
        if lacks := [name for name in must if name not in found]:
            raise self.refuse(node, f"{what} lacks {', '.join(lacks)}", _kind(node), expected)
        return found

    def items(self, node: yaml.Node, what: str) -> list[yaml.Node]:
        if not isinstance(node, yaml.SequenceNode) or not node.value:
            raise self.refuse(node, f"{what} is no list", _kind(node), "a list with one or more")
        return list(node.value)

    def texts(self, node: yaml.Node, what: str) -> tuple[str, ...]:
        return tuple(dict.fromkeys(self.text(one, what) for one in self.items(node, what)))

    def text(self, node: yaml.Node, what: str) -> str:
        if not isinstance(node, yaml.ScalarNode) or node.tag == NULL or not node.value.strip():
            raise self.refuse(node, f"{what} is no text", _kind(node), "a text that is not empty")
        if "*" in node.value:
            raise self.refuse(node, f"{what} holds a wildcard", node.value, "the value itself")
        return str(node.value).strip()


def _kind(node: yaml.Node | None) -> str:
    if isinstance(node, yaml.ScalarNode):
        return str(node.value) or "nothing"
    return {"MappingNode": "a mapping", "SequenceNode": "a list"}.get(
        type(node).__name__, "an empty file"
    )
