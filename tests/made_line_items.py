"""Exports of line items that nobody was billed for: CUR 2.0 and FOCUS, laid out as AWS does.

One set of charges is drawn by DuckDB from hashes of the row number and a seed. Files are written
one after the other, a million rows each, so memory does not grow with their number::

    .venv/bin/python tests/made_line_items.py FOLDER 10000000 cur_2

Of a thousand rows 90 are covered by a Savings Plan, 90 take their list price back (in FOCUS: say
what stayed unused), 60 are covered by reserved instances, 20 are split-cost rows, 50 are traffic
between zones; there are 4 credits, 2 refunds, 4 corrections, and the fees of each covered row. The
fees equal what the covered use costs effectively and what stayed unused, so the whole costs the
same amortized (effective) as in cash (billed).
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import duckdb

FILE_ROWS = 1_000_000

# product, usage type, operation, unit, list price, quantity is one hour, region
SHAPES = """
AmazonEC2|USW2-BoxUsage:m6i.4xlarge|RunInstances|Hrs|0.768|1|us-west-2
AmazonEC2|USW2-BoxUsage:r6g.8xlarge|RunInstances|Hrs|1.6128|1|us-west-2
AmazonEC2|BoxUsage:m7g.2xlarge|RunInstances|Hrs|0.3264|1|us-east-1
AmazonEC2|USW2-SpotUsage:c6i.4xlarge|RunInstances:SV001|Hrs|0.2719|1|us-west-2
AmazonEC2|USW2-EBS:VolumeUsage.gp3|CreateVolume-Gp3|GB-Mo|0.08|0|us-west-2
AmazonEC2|USW2-NatGateway-Bytes|NatGateway|GB|0.045|0|us-west-2
AmazonEC2|USW2-DataTransfer-Out-Bytes|RunInstances|GB|0.09|0|us-west-2
AmazonEC2|USW2-DataTransfer-Regional-Bytes|InterZone-In|GB|0.01|0|us-west-2
AmazonS3|USW2-TimedStorage-ByteHrs|StandardStorage|GB-Mo|0.023|0|us-west-2
AmazonS3|USW2-TimedStorage-GIR-ByteHrs|GlacierInstantRetrievalStorage|GB-Mo|0.004|0|us-west-2
AmazonS3|USW2-Requests-Tier1|PutObject|Requests|0.000005|0|us-west-2
AmazonRDS|USW2-InstanceUsage:db.r6g.2xlarge|CreateDBInstance:0014|Hrs|0.86|1|us-west-2
"""
KINDS = """CASE WHEN p < 90 THEN 'SavingsPlanCoveredUsage' WHEN p < 180 THEN 'SavingsPlanNegation'
    WHEN p < 240 THEN 'DiscountedUsage' WHEN p < 260 THEN 'split' WHEN p < 310 THEN 'zone'
    WHEN p < 314 THEN 'Credit' WHEN p < 316 THEN 'Refund' WHEN p < 320 THEN 'correction'
    WHEN p < 410 THEN 'SavingsPlanRecurringFee' WHEN p < 470 THEN 'RIFee' ELSE 'Usage' END"""
OF_ROW = """CASE WHEN p BETWEEN 90 AND 179 THEN n - 90 WHEN p BETWEEN 320 AND 409 THEN n - 320
    WHEN p BETWEEN 410 AND 469 THEN n - 230 ELSE n END"""
"""The covered row that a negation or a fee is about."""

COMMITTED = "('SavingsPlanCoveredUsage', 'SavingsPlanNegation', 'SavingsPlanRecurringFee')"
CHARGES = f"""
    SELECT *, CASE kind WHEN 'SavingsPlanNegation' THEN -listed WHEN 'DiscountedUsage' THEN 0
        WHEN 'SavingsPlanRecurringFee' THEN sp + 0.01 WHEN 'RIFee' THEN ri WHEN 'Credit'
        THEN -listed / 2 WHEN 'Refund' THEN -listed WHEN 'correction' THEN -listed / 10
        ELSE listed END AS cash
    FROM (SELECT *, listed * 0.6 AS sp, listed * 0.5 AS ri FROM (
        SELECT d.*, s.*, CAST(quantity * s.price AS DECIMAL(18, 10)) AS listed
        FROM (SELECT *, CASE WHEN shape_of IN (0, 1, 2, 3, 11) THEN 1.0 ELSE
                CAST((h % 100000) / 1000.0 AS DECIMAL(12, 3)) END AS quantity FROM (
            SELECT *, CASE WHEN kind IN {COMMITTED} THEN h % 3 WHEN kind IN ('DiscountedUsage',
                'RIFee') THEN 0 WHEN kind = 'split' THEN 1 WHEN kind = 'zone' THEN 7
                ELSE h % 12 END AS shape_of FROM (
                SELECT n, {KINDS} AS kind, hash({OF_ROW}, $seed) AS h,
                    $start + INTERVAL 1 HOUR * ((n // 1000) % 720) AS hour_of
                FROM (SELECT n, n % 1000 AS p FROM range($first, $last) t(n)))) ) d
        JOIN shape s ON s.id = d.shape_of))"""

TAGS = """MAP {{{{'{0}component': 'part-' || (h % 12), '{0}env': CASE WHEN h % 5 = 0 THEN 'test'
    ELSE 'prod' END}}}}"""
CUR_2 = f"""SELECT '099999999999' AS bill_payer_account_id, 'INV-1' AS bill_invoice_id,
    'Anniversary' AS bill_bill_type, lpad(CAST(h % 20 AS VARCHAR), 12, '0') AS
    line_item_usage_account_id, CASE WHEN kind IN ('split', 'zone', 'correction') THEN 'Usage' ELSE
    kind END AS line_item_line_item_type, hour_of AS line_item_usage_start_date,
    hour_of + INTERVAL 1 HOUR AS line_item_usage_end_date, product AS line_item_product_code,
    usage_type AS line_item_usage_type, CASE WHEN kind = 'split' THEN 'EKSPod-EC2' ELSE operation
    END AS line_item_operation, region || 'a' AS line_item_availability_zone,
    'i-' || (n % 200000) AS line_item_resource_id,
    CAST(quantity AS DOUBLE) AS line_item_usage_amount,
    CASE WHEN h % 50 = 0 THEN '{{second}}' ELSE 'USD' END AS line_item_currency_code,
    CAST(cash AS DOUBLE) AS line_item_unblended_cost,
    '$' || price || ' per ' || unit AS line_item_line_item_description,
    CAST(listed AS DOUBLE) AS pricing_public_on_demand_cost, unit AS pricing_unit,
    region AS product_region_code, MAP {{{{'product_name': product}}}} AS product,
    CASE WHEN kind IN ('DiscountedUsage', 'RIFee') THEN 'ri-1' ELSE '' END AS
    reservation_reservation_a_r_n, CAST(CASE kind WHEN 'DiscountedUsage' THEN ri END AS DOUBLE) AS
    reservation_effective_cost, CAST(CASE kind WHEN 'RIFee' THEN 0 END AS DOUBLE) AS
    reservation_unused_amortized_upfront_fee_for_billing_period,
    CAST(CASE kind WHEN 'RIFee' THEN 0 END AS DOUBLE) AS reservation_unused_recurring_fee,
    CASE WHEN kind IN {COMMITTED} THEN 'sp-1' ELSE '' END AS savings_plan_savings_plan_a_r_n,
    CAST(CASE kind WHEN 'SavingsPlanCoveredUsage' THEN sp END AS DOUBLE) AS
    savings_plan_savings_plan_effective_cost, CAST(CASE kind WHEN 'SavingsPlanRecurringFee' THEN
    sp + 0.01 END AS DOUBLE) AS savings_plan_total_commitment_to_date, CAST(CASE kind
    WHEN 'SavingsPlanRecurringFee' THEN sp END AS DOUBLE) AS savings_plan_used_commitment,
    {TAGS.format("user_")} AS resource_tags FROM ({{charges}})"""

IS_FEE = "kind IN ('SavingsPlanRecurringFee', 'RIFee')"
IS_USED = "kind IN ('SavingsPlanCoveredUsage', 'DiscountedUsage', 'SavingsPlanNegation')"
FOCUS = f"""SELECT '099999999999' AS BillingAccountId, $start AS BillingPeriodStart,
    lpad(CAST(h % 20 AS VARCHAR), 12, '0') AS SubAccountId, hour_of AS ChargePeriodStart,
    hour_of + INTERVAL 1 HOUR AS ChargePeriodEnd, 'AWS' AS ProviderName, product AS ServiceName,
    usage_type AS {{meter}}, operation AS x_Operation, region AS RegionId,
    CASE WHEN {IS_FEE} THEN 'Purchase' WHEN kind IN ('Credit', 'Refund') THEN 'Credit' ELSE 'Usage'
    END AS ChargeCategory, CASE kind WHEN 'correction' THEN 'Correction' END AS ChargeClass,
    '$' || price || ' per ' || unit AS ChargeDescription, 'i-' || (n % 200000) AS ResourceId,
    {TAGS.format("")} AS Tags, unit AS ConsumedUnit, CAST(quantity AS DOUBLE) AS ConsumedQuantity,
    CAST(CASE WHEN {IS_USED} THEN 0 ELSE cash END AS DOUBLE) AS BilledCost,
    CAST(CASE kind WHEN 'SavingsPlanCoveredUsage' THEN sp WHEN 'DiscountedUsage' THEN ri
        WHEN 'SavingsPlanNegation' THEN 0.01 ELSE CASE WHEN {IS_FEE} THEN 0 ELSE cash END END
        AS DOUBLE) AS EffectiveCost, CAST(listed AS DOUBLE) AS ListCost,
    CASE WHEN h % 50 = 0 THEN '{{second}}' ELSE 'USD' END AS BillingCurrency,
    CASE WHEN {IS_FEE} OR {IS_USED} THEN 'c-1' END AS CommitmentDiscountId
    FROM ({{charges}}) WHERE kind <> 'split'"""


def export_sql(form: str, first: int, last: int, month: str, seed: int, second: str) -> str:
    """Return the SQL of the rows `first` to `last` as `form`: cur_2, focus_1_0 or focus_1_2."""
    meter = "x_UsageType" if form == "focus_1_0" else "SkuMeter"
    text = (CUR_2 if form == "cur_2" else FOCUS).format(charges=CHARGES, meter=meter, second=second)
    values = {"$start": f"TIMESTAMP '{month}-01'", "$seed": str(seed)}
    for name, value in {**values, "$first": str(first), "$last": str(last)}.items():
        text = text.replace(name, value)
    return text


def make_export(
    folder: Path,
    rows: int,
    form: str = "cur_2",
    *,
    month: str = "2025-10",
    seed: int = 80,
    second: str = "USD",
    file_rows: int = FILE_ROWS,
) -> Path:
    """Write the export of a month with its manifest; `second` is the currency of some rows."""
    root, files = folder / "bill", []
    place = root / "data" / f"BILLING_PERIOD={month}"
    place.mkdir(parents=True)
    with duckdb.connect() as connection:
        connection.execute(
            "CREATE TABLE shape (id INTEGER, product VARCHAR, usage_type VARCHAR, operation"
            " VARCHAR, unit VARCHAR, price DECIMAL(10, 6), is_hour INTEGER, region VARCHAR)"
        )
        for number, line in enumerate(SHAPES.strip().splitlines()):
            cells = [number, *line.split("|")]
            connection.execute("INSERT INTO shape VALUES (?, ?, ?, ?, ?, ?, ?, ?)", cells)
        for number, first in enumerate(range(0, rows, file_rows), start=1):
            file = place / f"bill-{number:05}.snappy.parquet"
            query = export_sql(form, first, min(rows, first + file_rows), month, seed, second)
            connection.execute(f"COPY ({query}) TO '{file}' (FORMAT parquet, COMPRESSION snappy)")
            files.append(f"s3://made/bill/data/BILLING_PERIOD={month}/{file.name}")
    manifest = root / "metadata" / f"BILLING_PERIOD={month}" / "bill-Manifest.json"
    manifest.parent.mkdir(parents=True)
    manifest.write_text(json.dumps({"executionId": str(seed), "dataFiles": files}))
    return root


if __name__ == "__main__":
    print(make_export(Path(sys.argv[1]), int(sys.argv[2]), *sys.argv[3:4]))
