"""The sentences of the notebook on lifecycle savings follow their numbers."""

from __future__ import annotations

import json
from dataclasses import replace
from decimal import Decimal as D

import pytest

from prismlib import paths
from prismlib.analyses.lifecycle import analyse_lifecycle
from prismlib.analyses.lifecycle_findings import bytes_words, judge_lifecycle
from prismlib.analyses.lifecycle_inputs import LifecycleInputs, LifecycleSettings
from prismlib.analyses.lifecycle_policy import policy_of
from prismlib.narrative import lifecycle as words
from prismlib.narrative import lifecycle_tables as tables
from prismlib.narrative.lifecycle_answer import lifecycle_answer
from prismlib.sources.prices import read_reference_tables
from prismlib.sources.snapshots import read_snapshot
from prismlib.tables import records

DATA = read_snapshot(paths.SAMPLE)
INPUTS = LifecycleInputs.of(
    DATA.tables, read_reference_tables(), as_of=DATA.as_of, are_objects_synthetic=True
)


def told(inputs=INPUTS, **settings):
    """Return (settings, results, findings, answer)."""
    given = LifecycleSettings(**settings)
    results = analyse_lifecycle(inputs, given)
    found = judge_lifecycle(inputs, given, results)
    return given, results, found, lifecycle_answer(results, found)


SETTINGS, RESULTS, FOUND, ANSWER = told()
NOTHING = replace(INPUTS, object_cohort=None, claim=None)


def test_answer_on_the_sample():
    assert ANSWER.statement.startswith("**Do not apply “Gap 3 as proposed”.**")
    assert "Glacier Instant Retrieval at once (partitions/)" in ANSWER.statement
    assert "$41,437" in ANSWER.statement
    # (12 x 3,453.20 - 1.28) / 68,047.37 = 0.609 reads in 30 days
    assert "in the first year, net, if nothing is read" in ANSWER.statement
    assert "cheaper than now below 0.61 (reads of each object in 30 days)" in ANSWER.statement
    assert "cheaper than Intelligent-Tiering below 0." in ANSWER.statement
    figures = {figure.label: figure for figure in ANSWER.figures}
    assert figures["A month as it is"].value == "$4,209"
    assert figures["Best allowed, first year"].value == "$41,437"
    assert "stated: $34,000" in figures["Gap 3 as proposed, first year"].detail
    assert figures["Gap 3 as proposed, first quarter"].value == "$0"
    assert ANSWER.details[0].startswith(
        "**Refused: makes reads wait for a restore.** Do not apply “Gap 3 as proposed”. Reads of"
    )


def test_answer_when_reads_leave_nothing_to_save():
    *_, answer = told(reads_per_month=D(3))
    assert "keep things as they are" in answer.statement
    assert "Best allowed, first year" not in {figure.label for figure in answer.figures}


def test_answer_without_anything_stored():
    settings, results, found, answer = told(NOTHING)
    assert "cannot be said" in answer.statement
    assert "not a saving of zero" in answer.statement
    assert answer.figures[0].value == "unknown"
    assert words.headline(results, found).startswith("month       unknown")
    reason = "Nothing can be simulated: what is stored is not known."
    assert words.saving_sentence(results) == reason
    assert words.best_sentence(results) == reason
    assert words.check_sentence(results) == reason  # not that nobody proposes rules
    assert "what is stored is not known" in words.basis(NOTHING, results, settings)
    assert words.configuration(results) == ""


def test_headline_names_each_set_of_rules():
    lines = words.headline(RESULTS, FOUND).splitlines()
    assert lines[0] == "month       $4,209.20 as it is"
    assert "do not      Gap 3 as proposed: $31,757.10 in the first year" in lines
    assert "do          Best allowed: $41,437.12 in the first year" in lines


def test_basis_says_that_sizes_are_synthetic_and_how_much_is_assumed():
    text = words.basis(INPUTS, RESULTS, SETTINGS)
    assert "64,000 objects of 2.95 GB on average, from a synthetic table" in text
    assert "36 months are simulated from 1 Dec 2025 on, in decimal gigabytes" in text
    assert "Whether the bucket keeps noncurrent versions is not known" in text
    measured = replace(INPUTS, are_objects_synthetic=False)
    settings, results, *_ = told(measured)
    text = words.basis(measured, results, settings)
    assert "from the table of sizes and ages, as known" in text
    measured = replace(measured, objects_source="S3 Inventory: manifest.json")
    text = words.basis(measured, results, settings)
    assert "from the table of sizes and ages (S3 Inventory: manifest.json)" in text
    assert "in binary gigabytes" in text


def test_configuration_is_the_json_of_the_best_rules():
    assert RESULTS.best is not None
    text = words.configuration(RESULTS)
    assert policy_of(json.loads(text)) == RESULTS.best.policy


def test_titles_say_what_the_charts_show():
    assert words.saving_title(RESULTS) == (
        "The best allowed rules save $124,314 in 36 months; Gap 3 as proposed must not be applied"
    )
    # 12 x 189,000 x 0.03 + 12 x 64,000 x (0.01 - 0.0004) / 1,000 = 68,047.37, less 41,437.12
    assert words.read_title(RESULTS) == (
        "At 1 read of each object a month the best rules lose $26,610 in a year"
    )
    # 12 x 4,159.89 - 31,757.10
    assert "claim $18,162 too much for the first year of Gap 3" in words.claim_title(RESULTS)


def test_nobody_proposes_rules():
    alone = replace(INPUTS, lifecycle_policy=None)
    _, results, _, answer = told(alone)
    assert words.check_sentence(results) == "Nobody proposes rules for this bucket."
    assert answer.statement.startswith("**Glacier Instant Retrieval")


def test_fees_are_everything_but_storage():
    """64,000 x (0.03 + 0.05) / 1,000 = 5.12 for moves, and 0.35 for what S3 adds."""
    assert "Gap 3 as proposed $5.47" in words.fee_sentence(RESULTS)


def test_prices_after_the_day_of_the_snapshot_are_named():
    assert "after the day of the snapshot" in words.price_words(INPUTS, RESULTS)


@pytest.mark.parametrize(
    ("size", "text"),
    [(0, "0 bytes"), (999, "999 bytes"), (1000, "1 kB"), (2_281_730, "2.28 MB"), (10**9, "1 GB")],
)
def test_bytes_words(size, text):
    assert bytes_words(D(size)) == text


@pytest.mark.parametrize(
    ("months", "text"),
    [(None, "never"), (D("0.01"), "under a day"), (D("0.61"), "0.61 months"), (D(2), "2 months")],
)
def test_payback_words(months, text):
    assert tables.payback_words(months) == text


def test_every_charge_has_words():
    assert len(tables.charge_rows(RESULTS)) == len(RESULTS.charges)
    shown = set(tables.charge_rows(RESULTS)["charge"])
    assert "Moving objects" in shown


def test_tables_show_columns_that_their_frames_have():
    sizes = tables.size_rows(RESULTS)
    pairs = [
        (RESULTS.content, tables.content_columns()),
        (tables.outcome_rows(RESULTS), tables.outcome_columns(RESULTS.outcomes, "USD")),
        (RESULTS.checks, tables.check_columns()),
        (tables.charge_rows(RESULTS), tables.charge_columns("USD")),
        (tables.move_rows(RESULTS), tables.move_columns("USD")),
        (sizes, tables.size_columns(sizes)),
    ]
    for frame, columns in pairs:
        assert set(columns) <= set(frame.columns)
    assert [column.label for column in tables.size_columns(sizes).values()][1] == (
        "Pays within 1 month, from"
    )


def test_claimed_rows_are_twelve_times_the_flat_month():
    rows = {row["policy_name"]: row for row in records(tables.claimed_rows(RESULTS))}
    assert rows["Gap 3 as proposed"]["claimed"] == 12 * D("4159.89")
