"""Which tables of a snapshot a page rests on."""

import pytest

from prismlib import paths
from prismlib.analyses.cost_inputs import CostInputs
from prismlib.analyses.dr_inputs import DrInputs
from prismlib.snapshot_tables import SNAPSHOT_TABLES
from prismlib.sources.prices import read_reference_tables
from prismlib.sources.snapshots import read_snapshot
from prismlib.sources.used_tables import UsedTables
from prismlib.tables import FilledTables, empty

COST, CLAIM, DRILL = (empty(SNAPSHOT_TABLES[name]) for name in ("cost", "claim", "drill"))


def test_a_table_is_used_once_it_is_looked_up():
    tables = UsedTables({"cost": COST, "claim": CLAIM, "drill": DRILL})
    assert tables["cost"] is COST
    assert tables.get("claim") is CLAIM
    assert tables.get("fleet") is None
    with pytest.raises(KeyError):
        tables["estimate"]
    assert tables.used == {"cost", "claim"}, "and neither what is not there nor what was not asked"


def test_a_table_of_elsewhere_is_not_the_snapshots():
    tables = UsedTables({"cost": COST, "drill": DRILL})
    other = empty(SNAPSHOT_TABLES["drill"])
    joined = tables.with_others({"drill": other, "claim": CLAIM})
    assert joined["drill"] is other
    assert joined["claim"] is CLAIM
    assert joined["cost"] is COST
    assert tables.used == {"cost"}


def test_a_table_without_rows_is_as_one_that_is_not_there():
    sample = read_snapshot(paths.SAMPLE)
    filled = FilledTables({"cost": sample.tables["cost"], "claim": CLAIM})
    assert list(filled) == ["cost"]
    assert (len(filled), "claim" in filled, filled.get("claim")) == (1, False, None)


def test_an_analysis_uses_the_tables_that_it_takes_and_no_others():
    """Recovery takes no bill, and the bill no drill, though the sample holds both."""
    recovery, bill = read_snapshot(paths.SAMPLE), read_snapshot(paths.SAMPLE)
    reference = read_reference_tables()
    DrInputs.of(recovery.tables, reference, as_of=recovery.as_of)
    CostInputs.of(bill.tables, reference, period=bill.period, as_of=bill.as_of)
    assert {"drill", "drill_event", "claim"} <= set(recovery.used["table"])
    assert "cost" not in set(recovery.used["table"])
    assert {"cost", "estimate"} <= set(bill.used["table"])
    assert "drill" not in set(bill.used["table"])
    assert not recovery.used["is_synthetic"].any()
    assert bill.used["is_synthetic"].any()
