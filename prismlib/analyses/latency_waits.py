"""What a closed-loop run leaves out: the waits of requests that a slow answer held back.

Method. In a closed loop a client sends its next request when the last is answered. During an
answer of v ms the requests that would have come every t ms are not sent, and their waits of v - t,
v - 2t ... down to t are in no figure (Tene, "coordinated omission"; the correction is that of
HdrHistogram for a known interval). Here t is what the run itself had between two requests of a
client: clients / rate, or without those the mean time of a request. The printed times are taken.
"""

from __future__ import annotations

from decimal import Decimal

import numpy as np

from prismlib.analyses.latency import HUNDRED, Distribution


def percentile_with_waits(
    times: Distribution, pct: Decimal, interval_ms: Decimal
) -> Decimal | None:
    """Return a percentile of measured times and of the waits they hide; None without an interval.

    Parameters
    ----------
    times : Distribution
    pct : Decimal
        Such as 99.
    interval_ms : Decimal
        Time from one request of a client to its next. [ms]
    """
    every = float(interval_ms)
    if every <= 0:
        return None
    values = np.array([float(bucket.value) for bucket in times.buckets])
    counts = np.array(times.counts, dtype=float)
    hidden = np.maximum(np.floor(values / every + 1e-9) - 1, 0)  # waits of t at the least
    total = float((counts * (1 + hidden)).sum())
    wanted = total * float(pct / HUNDRED)
    low, high = 0.0, float(values.max())
    for _ in range(60):
        middle = (low + high) / 2
        # of the waits v - k t, those with k >= (v - middle) / t are no longer than the middle
        longer = np.ceil((values - middle) / every - 1e-9) - 1
        shorter = np.clip(hidden - np.maximum(longer, 0), 0, hidden)
        reached = float((counts * ((values <= middle) + shorter)).sum())
        low, high = (low, middle) if reached >= wanted else (middle, high)
    return Decimal(str(round(high, 6)))
