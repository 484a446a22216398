"""Generated exports: the same bill in each format, and commitments cost what was paid for them."""

import duckdb
import pytest
from made_line_items import make_export

from prismlib.errors import CurrencyError, PrismWarning
from prismlib.money import exact_sum
from prismlib.sources.bills import read_bills

ROWS = 6_000


@pytest.mark.filterwarnings("ignore::prismlib.errors.PrismWarning")
@pytest.mark.parametrize(
    ("form", "cash", "spread", "column"),
    [
        ("cur_2", "unblended_cost", "amortized_cost", "line_item_unblended_cost"),
        ("focus_1_0", "billed_cost", "effective_cost", "BilledCost"),
        ("focus_1_2", "billed_cost", "effective_cost", "BilledCost"),
    ],
)
def test_commitments_cost_what_was_paid_for_them(tmp_path, form, cash, spread, column):
    root = make_export(tmp_path, ROWS, form, file_rows=2_500)
    bill = read_bills([root])
    total = exact_sum(bill.cost[cash])
    assert total == exact_sum(bill.cost[spread])
    is_counted = "line_item_operation <> 'EKSPod-EC2'" if form == "cur_2" else "true"
    with duckdb.connect() as connection:
        ((of_files,),) = connection.execute(
            f"SELECT sum(CAST(CAST({column} AS VARCHAR) AS DECIMAL(38, 18)))"
            f" FROM read_parquet('{root}/data/*/*.parquet') WHERE {is_counted}"
        ).fetchall()
    assert total == of_files
    assert bill.cost_file["file_name"].nunique() == 3
    assert bill.cost["usage_type"].str.contains("DataTransfer-Regional-Bytes").any()


def test_cur_and_focus_bill_the_same(tmp_path):
    with pytest.warns(PrismWarning, match="split-cost"):
        cur = read_bills([make_export(tmp_path / "c", ROWS)]).cost
    focus = read_bills([make_export(tmp_path / "f", ROWS, "focus_1_2")]).cost
    assert exact_sum(cur["unblended_cost"]) == exact_sum(focus["billed_cost"])


@pytest.mark.filterwarnings("ignore::prismlib.errors.PrismWarning")
def test_second_currency_is_refused(tmp_path):
    with pytest.raises(CurrencyError, match="EUR"):
        read_bills([make_export(tmp_path, ROWS, second="EUR")])


def test_same_seed_is_the_same_export(tmp_path):
    one, same, other = (
        make_export(tmp_path / name, 100, seed=seed)
        for name, seed in (("a", 1), ("b", 1), ("c", 2))
    )
    texts = [next(root.rglob("*.parquet")).read_bytes() for root in (one, same, other)]
    assert texts[0] == texts[1] != texts[2]
