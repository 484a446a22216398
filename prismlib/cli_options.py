"""The options of the ``prism`` command, grouped as its commands take them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from prismlib import paths
from prismlib.errors import ParameterError

Files = Annotated[list[Path], Parameter(consume_multiple=True, negative=())]
Regions = Annotated[tuple[str, ...], Parameter("--region", consume_multiple=True, negative=())]


@Parameter(name="*")
@dataclass(frozen=True, kw_only=True)
class Source:
    """Where the data of a report comes from: a snapshot, bills, or an inventory of a bucket.

    Parameters
    ----------
    snapshot
        Folder of a snapshot; the sample unless given.
    costs
        Bill files to read instead: Cost Explorer JSON, FOCUS, or CUR, as CSV or Parquet.
    estimate
        With --costs: an ESTIMATE table as CSV, to compare the bill with.
    components
        With --costs: a COMPONENT_RULE table as CSV, to sort charges into components.
    drill
        Drill logs: CSV or YAML by hand, ARC Region switch, FIS, CloudTrail, chaostoolkit. They
        replace the drills of --snapshot, or of --costs; alone they make a report of recovery only.
    inventory
        S3 Inventory of a bucket, for lifecycle_savings: its manifest.json, or Parquet or ORC files;
        or the CSV or Parquet files of an S3 Storage Lens export, which knows no sizes and ages.
        With --snapshot it is added to what that holds.
    benchmarks
        Files or folders of benchmarks, for performance_slo: redis-benchmark, memtier, ab, wrk, k6,
        timed downloads. They replace those of --snapshot, of --costs, or of the sample.
    """

    snapshot: Path | None = None
    costs: Files | None = None
    estimate: Path | None = None
    components: Path | None = None
    inventory: Files | None = None
    drill: Files | None = None
    benchmarks: Files | None = None

    @property
    def is_drill_alone(self) -> bool:
        """Return whether drill logs are all there is: then nothing else can be reported on."""
        others = self.costs or self.inventory or self.snapshot or self.benchmarks
        return bool(self.drill) and not others

    @property
    def has_files(self) -> bool:
        """Return whether a snapshot has to be made of files first."""
        return bool(self.costs or self.inventory or self.drill or self.benchmarks)

    def with_benchmarks(self, folder: str) -> Source:
        """Return the source with the folder that the notebook parameter ``benchmarks`` names."""
        if not folder:
            return self
        if self.benchmarks:
            raise ParameterError("benchmarks", folder, expected="--benchmarks or -p, not both")
        return replace(self, benchmarks=[Path(folder)])

    def check(self) -> None:
        """Raise ParameterError for options that do not go together, or that name nothing."""
        _refuse_nothing("--costs", self.costs, "files or folders of bills")
        _refuse_nothing("--drill", self.drill, "files of drill logs")
        _refuse_nothing("--benchmarks", self.benchmarks, "files or folders of benchmarks")
        _refuse_nothing("--inventory", self.inventory, "the manifest.json of an inventory")
        if self.costs and self.inventory:
            raise ParameterError("--inventory", str(self.inventory[0]), expected="not with --costs")
        if self.costs and self.snapshot:
            raise ParameterError("--snapshot", str(self.snapshot), expected="not with --costs")
        for option, value in (("--estimate", self.estimate), ("--components", self.components)):
            if value and not self.costs:
                raise ParameterError(option, str(value), expected="only together with --costs")


@Parameter(name="*")
@dataclass(frozen=True, kw_only=True)
class Scope:
    """What is rendered, and how.

    Parameters
    ----------
    week
        ISO week such as 2025-W46; that of the data unless given.
    out
        Folder of reports; ``reports`` in the repository unless given.
    only
        Names of the notebooks to run; all unless given.
    parameters
        A notebook parameter as NAME=VALUE; may be repeated.
    jobs
        Notebooks to run at a time.
    """

    week: str | None = None
    out: Annotated[Path, Parameter(show_default=False)] = paths.REPORTS
    only: Annotated[list[str] | None, Parameter(consume_multiple=True, negative=())] = None
    parameters: Annotated[list[str] | None, Parameter(name=["-p", "--parameter"], negative=())] = (
        None
    )
    jobs: int = 2

    def check(self) -> None:
        """Raise ParameterError for an option that names nothing."""
        _refuse_nothing("--only", self.only, "names of notebooks")

    def values(self) -> dict[str, str]:
        """Return the notebook parameters as text; the report converts them."""
        pairs = [text.partition("=") for text in self.parameters or []]
        for name, equals, value in pairs:
            if not name or not equals:
                raise ParameterError("-p", name or value, expected="NAME=VALUE")
        return {name: value for name, _, value in pairs}


@Parameter(name="*")
@dataclass(frozen=True, kw_only=True)
class Sealing:
    """Whether a snapshot is sealed, and what its tables do not say.

    Parameters
    ----------
    seal
        Accept intended edits of its tables, and tables added to it, by renewing their hashes. A
        folder of tables that people write becomes a snapshot.
    month
        With --seal: the month of a new snapshot, such as 2025-11.
    as_of
        With --seal: the day of what a new snapshot knows, such as 2025-11-16.
    """

    seal: Annotated[bool, Parameter(negative=())] = False
    month: str = ""
    as_of: str = ""

    def check(self) -> None:
        """Raise ParameterError for options that say nothing without --seal."""
        if not self.seal:
            given = {"--month": self.month, "--as-of": self.as_of}
            _refuse_given(given, "only together with --seal")


@Parameter(name="*")
@dataclass(frozen=True, kw_only=True)
class Account:
    """Which account is read, and how.

    Parameters
    ----------
    profile
        Profile of the AWS configuration; boto3's usual choice unless given.
    regions
        Regions to look at; that of the profile unless given.
    tag
        Cost allocation tag to group charges by, or category:NAME for a cost category.
    metrics_file
        YAML file with a list of CloudWatch metrics to add.
    cache
        Folder of answers already paid for; .prism-cache beside the snapshot unless given.
    max_usd
        Stop before more dollars than these are spent.
    redact
        Write a short hash wherever an account id would stand.
    refresh
        Pay again for answers that the cache holds, to see what was restated.
    """

    profile: str | None = None
    regions: Regions = ()
    tag: str | None = None
    metrics_file: Annotated[Path | None, Parameter("--metrics")] = None
    cache: Path | None = None
    max_usd: Decimal | None = None
    redact: Annotated[bool, Parameter(negative=())] = False
    refresh: Annotated[bool, Parameter(negative=())] = False


@Parameter(name="*")
@dataclass(frozen=True, kw_only=True)
class LineItems:
    """Where the line items of a billing export are read, instead of asking Cost Explorer.

    Parameters
    ----------
    line_items
        Folder or s3://BUCKET/PREFIX of a FOCUS or CUR export, or athena:DATABASE.TABLE where it is
        registered; Athena charges for what it scans, and --max-usd caps that before a query runs.
    memory_gb
        What DuckDB may hold in memory; what does not fit goes to the temporary folder.
    workgroup
        With athena: the workgroup of the queries; primary unless given.
    query_results
        With athena: s3://BUCKET/PREFIX where results go; that of the workgroup unless given.
    reuse_minutes
        With athena: take the result of the same query if it is at most so old; none unless given.
    """

    line_items: str = ""
    memory_gb: int | None = None
    workgroup: str = ""
    query_results: str = ""
    reuse_minutes: int = 0

    @property
    def is_table(self) -> bool:
        """Return whether they are in a table of Athena."""
        return self.line_items.startswith("athena:")

    def check(self, account: Account, seen: Seen) -> None:
        """Raise ParameterError for options that say nothing of line items, or of none."""
        of_table = {
            "--workgroup": self.workgroup,
            "--query-results": self.query_results,
            "--reuse-minutes": self.reuse_minutes,
        }
        if not self.is_table:
            _refuse_given(of_table, "only with --line-items athena:DATABASE.TABLE")
        if self.memory_gb is not None and (self.is_table or not self.line_items):
            expected = "only with --line-items of files"
            raise ParameterError("--memory-gb", self.memory_gb, expected=expected)
        if self.line_items:
            others = {
                "--evidence": seen.evidence,
                "--tag": account.tag,
                "--metrics": account.metrics_file,
                "--cache": account.cache,
                "--max-usd": account.max_usd is not None and not self.is_table,
                "--redact": account.redact,
                "--refresh": account.refresh,
            }
            _refuse_given(others, "not with --line-items")


@Parameter(name="*")
@dataclass(frozen=True, kw_only=True)
class Seen:
    """Whether evidence of readiness is collected, and where.

    Parameters
    ----------
    evidence
        Look at what readiness rests on. Without --month that is all, and no cost is asked for.
    buckets
        With --evidence: buckets whose rules and replication matter, besides those of storage_need.
    prometheus
        With --evidence: addresses of Prometheus, such as http://prometheus.internal:9090.
    alertmanager
        With --evidence: address of an Alertmanager.
    grafana
        With --evidence: address of Grafana; a token may be in PRISM_GRAFANA_TOKEN.
    redis
        With --evidence: HOST:PORT of a node of the Redis Cluster, or rediss://HOST:PORT.
    """

    evidence: Annotated[bool, Parameter(negative=())] = False
    buckets: Annotated[
        tuple[str, ...], Parameter("--bucket", consume_multiple=True, negative=())
    ] = ()
    prometheus: Annotated[tuple[str, ...], Parameter(consume_multiple=True, negative=())] = ()
    alertmanager: str = ""
    grafana: str = ""
    redis: str = ""

    def check(self, month: str | None) -> None:
        """Raise ParameterError for options that do not go together."""
        if not self.evidence and month is None:
            raise ParameterError("--month", "", expected="a month such as 2025-10, or --evidence")
        given = {
            "--bucket": self.buckets,
            "--prometheus": self.prometheus,
            "--alertmanager": self.alertmanager,
            "--grafana": self.grafana,
            "--redis": self.redis,
        }
        for option, value in given.items():
            if value and not self.evidence:
                # Not its value: an address may hold a login.
                raise ParameterError(option, "an address", expected="only together with --evidence")


def _refuse_given(options: Mapping[str, object], expected: str) -> None:
    for option, value in options.items():
        if value:
            raise ParameterError(option, str(value), expected=expected)


def _refuse_nothing(option: str, given: Sequence[object] | None, expected: str) -> None:
    if given is not None and not given:
        raise ParameterError(
            option,
            "",
            expected=f"{expected} after it",
            remedy="a pattern or variable that stands for nothing leaves the option empty",
        )
