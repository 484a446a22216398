"""What reading the metrics would cost: what exists is listed with free calls, and counted.

The count is that of the pull itself, as long as nothing comes or goes in between and no series has
to be asked for twice. Its lower end takes `BILLED_AS_ONE` statistics of a metric for one.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from functools import partial

import pandas as pd

from prismlib.errors import CallError
from prismlib.sources.calls import Caller
from prismlib.sources.cloudwatch import METRIC_PRICE, batched, metric_request, wanted_series
from prismlib.sources.collecting import PullContext
from prismlib.sources.inventory_ec2 import collect_instances
from prismlib.sources.inventory_elb import collect_load_balancers
from prismlib.sources.inventory_rds import collect_databases
from prismlib.sources.inventory_s3 import collect_buckets
from prismlib.sources.metric_queries import RETENTION, Series
from prismlib.sources.prices import unit_price
from prismlib.sources.pull_plan import Planned

BILLED_AS_ONE = 5
"""Statistics of one metric in one request that AWS bills as one metric."""

LISTINGS: dict[str, Callable[[Caller, PullContext], pd.DataFrame]] = {
    "instance": collect_instances,
    "database": collect_databases,
    "load_balancer": partial(collect_load_balancers, has_targets=False),
    "bucket": partial(collect_buckets, settings=()),
}
"""Table -> what lists its resources, and asks nothing more of them."""


def plan_metrics(caller: Caller, context: PullContext) -> Planned:
    """Return what reading the metrics of the resources that exist now would cost.

    Raises
    ------
    CallError
        A call failed in a way that would stop the pull too.
    SourceError
        The user's list of metrics is not readable.
    """
    found = []
    for table, listing in LISTINGS.items():
        try:
            context.tables[table] = listing(caller, context)
            found.append(_counted(table, len(context.tables[table])))
        except CallError as error:
            context.unread(table, "", error)
            found.append(f"no {table.replace('_', ' ')}: {error.reason}")
    series, _ = wanted_series(caller, context)
    least = most = 0
    batches = list(batched(context, series))
    for batch, window in batches:
        request = metric_request(context, batch, window)
        if not caller.cached_pages("cloudwatch", **request)[1]:
            least, most = least + billed_at_least(batch), most + len(batch)
    price = unit_price(METRIC_PRICE)
    if batches:
        count = f"{least} to {most} metrics" if most else "all in the cache, nothing to pay"
    elif series:
        days = RETENTION[-1][1].days
        count = f"the month is too old: CloudWatch keeps metrics for {days} days"
    else:
        count = "nothing to ask for"
    words = f"{count} ({', '.join(found)})"
    return Planned("metrics", "cloudwatch", context.period, words, price * least, price * most)


def billed_at_least(batch: Sequence[Series]) -> int:
    """Return for how many metrics a request is billed when its statistics are taken together."""
    metrics = Counter((s.namespace, s.metric_name, s.dimensions) for s in batch)
    return sum(-(-count // BILLED_AS_ONE) for count in metrics.values())


def _counted(table: str, count: int) -> str:
    return f"{count} {table.replace('_', ' ')}{'' if count == 1 else 's'}"
