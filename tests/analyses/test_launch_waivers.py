"""What is allowed by name: the figure without it, and all that keeps a waiver from counting."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from launch_examples import AS_OF, item, launch_of, look, met, table

from prismlib import paths
from prismlib.analyses.launch_evidence import looks_of
from prismlib.analyses.launch_findings import judge_launch
from prismlib.analyses.launch_inputs import LaunchSettings
from prismlib.analyses.launch_tables import evidence_table, name_waiver_table
from prismlib.analyses.launch_waivers import waived_looks
from prismlib.narrative import launch_tables as shown
from prismlib.narrative.launch_answer import launch_answer
from prismlib.sources.evidence import Fact, counted
from prismlib.sources.evidence_judging import judge_evidence
from prismlib.sources.evidence_things import things_of
from prismlib.sources.prices import read_reference
from prismlib.sources.snapshots import read_snapshot
from prismlib.tables import records

NOW = datetime(2025, 11, 16, 12, tzinfo=UTC)
LAUNCH = date(2025, 11, 18)
CHECKS = read_reference("evidence_check")
FIVE = ["admin", "break-glass", "ci", "deploy", "legacy"]
WAIVER = {
    "waiver_id": "w1",
    "check_id": "iam.roles",
    "thing_name": "admin",
    "owner": "CISO",
    "reason": "people log in with it",
    "granted_date": date(2025, 11, 1),
    "expires_date": date(2025, 12, 31),
}
SECOND = {**WAIVER, "waiver_id": "w2", "thing_name": "break-glass"}
ALL_FIVE = [{**WAIVER, "waiver_id": f"w-{name}", "thing_name": name} for name in FIVE]


def roles(bad=FIVE, of=250, unseen=()):
    """Return the facts of so many roles, some with too much power and some that nobody can read."""
    names = [*bad, *unseen, *(f"role-{n:03}" for n in range(of - len(bad) - len(unseen)))]
    return [
        Fact("iam.roles", name, None, "iam", reason="needs iam:GetRole")
        if name in unseen
        else Fact("iam.roles", name, Decimal(name in bad), "iam")
        for name in names
    ]


def seen(facts, checks=CHECKS, **tables):
    """Return EVIDENCE and EVIDENCE_THING of some facts, as a pull writes them."""
    evidence = judge_evidence(facts, checks, tables, NOW)
    return {"evidence": evidence, "evidence_thing": things_of(facts, evidence, checks)}


def launch(*waivers, facts=None, settings=None, **changes):
    """Return a launch in which one gap rests on what roles may do, and on nothing else live."""
    facts = [*(roles() if facts is None else facts), Fact("iam.policies", "p", Decimal(0), "iam")]
    found = seen(facts)
    mine = found["evidence"]["subject_id"] == "gap.8"
    tables = met(readiness_item=[item("gap.8")], criterion=met_gaps(), decision_rule=met_rule())
    tables |= {**found, "evidence": found["evidence"][mine].reset_index(drop=True)}
    tables["evidence_waiver"] = table("evidence_waiver", list(waivers))
    return launch_of({**tables, **changes}, settings=settings)


def met_gaps():
    return records(met()["criterion"])[:1]


def met_rule():
    return [one for one in records(met()["decision_rule"]) if one["criterion_id"] != "load"]


def judged(results, check_id="iam.roles"):
    (row,) = [one for one in records(evidence_table(results)) if one["check_id"] == check_id]
    (whole,) = [one.row for one in results.known.looks if one.row["check_id"] == check_id]
    return row["evidence_state"], whole["evidence_value"], whole["detail"], whole["reason"]


def remark(results, waiver_id="w1"):
    found = {one.id: one for one in judge_launch(results)}
    one = found[f"launch.waiver_by_name.{waiver_id}"]
    return str(one.severity), str(one.verdict), one.statement


# --- what counts ----------------------------------------------------------------------------------


def test_two_of_five_of_250_roles_are_waived_and_three_are_counted():
    """5 - 2 = 3, which is more than 0: it fails, and says who allows what until when."""
    state, value, detail, _ = judged(launch(WAIVER, SECOND))
    assert (state, value) == ("fail", Decimal(3))
    assert detail.startswith(
        "5 roles, 2 waived (admin by CISO until 31 Dec 2025 and break-glass by CISO until "
        "31 Dec 2025): 3 counted (ci, deploy and legacy); "
    )


def test_all_five_waived_is_a_pass_and_a_go_that_names_the_risk():
    results = launch(*ALL_FIVE)
    assert judged(results)[:2] == ("pass", Decimal(0))
    assert results.gate.decision == "GO"
    assert "5 roles, 5 waived" in results.known.items["gap.8"].reason
    statement = launch_answer(results, judge_launch(results)).statement
    assert statement.startswith("**GO, with accepted risks**: 5 things allowed by name.")


def test_four_of_five_waived_is_no_go():
    results = launch(*ALL_FIVE[:4])
    assert judged(results)[:2] == ("fail", Decimal(1))
    assert results.gate.decision == "NO-GO"


def test_go_names_few_waivers_one_by_one():
    results = launch(WAIVER, facts=roles(["admin"]))
    statement = launch_answer(results, judge_launch(results)).statement
    assert statement.startswith("**GO, with accepted risks**: admin (iam.roles).")


def test_waiver_that_counts_is_a_finding():
    assert remark(launch(WAIVER)) == (
        *("medium", "holds"),
        "The waiver of admin in iam.roles counts: CISO accepts it until 31 Dec 2025, "
        "people log in with it.",
    )


def test_thing_is_taken_off_once():
    """Two waivers of one role: 5 - 1 = 4."""
    results = launch(WAIVER, {**WAIVER, "waiver_id": "w2"})
    assert judged(results)[1] == Decimal(4)
    assert "w1 allows it already" in remark(results, "w2")[2]


def test_rule_of_a_security_group_is_waived_and_its_other_rules_are_not():
    """The group lets in three ranges; the one of the balancer is allowed: 3 - 1 = 2."""
    rules = ["tcp 443 from 0.0.0.0/0", "tcp 443 from ::/0", "tcp 22 from 0.0.0.0/0"]
    facts = [counted("network.internet", "sg-1 web", rules, "ec2")]
    results = waived("network.internet", "sg-1 web: tcp 443 from 0.0.0.0/0", facts)
    assert results["evidence_value"] == Decimal(2)
    assert waived("network.internet", "sg-1 web", facts)["evidence_value"] == Decimal(3)


def waived(check_id, name, facts):
    """Return the row of a check with one waiver."""
    found = seen(facts)
    row = {**WAIVER, "check_id": check_id, "thing_name": name}
    tables = {**found, "evidence_waiver": table("evidence_waiver", [row])}
    looks = [one for one in looks_at(found) if one.row["check_id"] == check_id]
    (after,), _ = waived_looks(looks, tables, CHECKS, as_of=AS_OF)
    return after.row


def looks_at(found):
    return looks_of(None, found["evidence"], as_of=AS_OF)


def test_longest_of_many_is_that_of_what_is_left():
    """90 days are allowed: the secret of 400 days is waived, the next is 50 days old."""
    facts = [
        Fact("secrets.age", name, Decimal(days), "call")
        for name, days in (("old", 400), ("new", 50), ("newest", 1))
    ]
    assert seen_state(facts) == "fail"
    row = waived("secrets.age", "old", facts)
    assert (row["evidence_state"], row["evidence_value"]) == ("pass", Decimal(50))
    assert row["detail"].startswith(
        "400 days, 1 waived (old by CISO until 31 Dec 2025): 50 counted"
    )


def seen_state(facts):
    rows = records(seen(facts)["evidence"])
    (row,) = [one for one in rows if one["check_id"] == facts[0].check_id]
    return row["evidence_state"]


# --- what does not count --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("cells", "words"),
    [
        ({"owner": " "}, "it names no owner"),
        ({"reason": ""}, "it names no reason"),
        ({"expires_date": None}, "it names no end"),
        ({"expires_date": date(2025, 11, 15)}, "it ended on 15 Nov 2025"),
        ({"granted_date": date(2025, 11, 17)}, "it begins on 17 Nov 2025"),
    ],
)
def test_waiver_that_lacks_something_takes_nothing_off_and_is_named(cells, words):
    results = launch({**WAIVER, **cells})
    state, value, detail, _ = judged(results)
    assert (state, value) == ("fail", Decimal(5))
    assert detail.startswith(f"the waiver of admin does not count: {words}; ")
    assert remark(results) == (
        *("high", "contradicts"),
        f"The waiver of admin in iam.roles does not count: {words}.",
    )


def test_waiver_counts_on_its_last_day():
    assert judged(launch({**WAIVER, "expires_date": AS_OF}))[1] == Decimal(4)


@pytest.mark.parametrize("name", ["Admin", "admin ", "adm*", "admins", "role-001"])
def test_wrong_name_matches_nothing_and_is_a_remark(name):
    """Names are exact; a role without a fault is none that counts."""
    results = launch({**WAIVER, "thing_name": name})
    assert judged(results)[:2] == ("fail", Decimal(5))
    severity, verdict, words = remark(results)
    assert (severity, verdict) == ("low", "contradicts")
    assert "it matches nothing: 5 things listed, none of that name" in words


def test_nearest_name_is_given():
    assert "the nearest is break-glass" in remark(launch({**WAIVER, "thing_name": "breakglass"}))[2]


@pytest.mark.parametrize(
    ("check_id", "words"),
    [
        ("iam.role", "no check is called iam.role; the nearest is iam.roles"),
        ("audit.trails", "what must be there cannot be left out by name"),
        ("restore.age", "what must be there cannot be left out by name"),
        ("mfa.users", "no look of a collector at mfa.users is there"),
    ],
)
def test_check_that_cannot_be_waived_by_name_is_said(check_id, words):
    results = launch({**WAIVER, "check_id": check_id})
    assert judged(results)[:2] == ("fail", Decimal(5))
    assert words in remark(results)[2]


def test_waiver_ends_before_the_launch():
    """Allowed on the 16th, and on the 18th no longer: one critical gap is open then."""
    ends = {**WAIVER, "expires_date": date(2025, 11, 17)}
    fresh = [look("gaps", "register", valid_for_days=Decimal(90))]
    results = launch(
        ends,
        facts=roles(["admin"]),
        settings=LaunchSettings(draws=200, launch=LAUNCH),
        stated_evidence=table("stated_evidence", fresh),
    )
    assert (results.gate.decision, results.at_launch.decision) == ("GO", "NO-GO")
    lasting = launch(
        WAIVER,
        facts=roles(["admin"]),
        settings=LaunchSettings(draws=200, launch=LAUNCH),
        stated_evidence=table("stated_evidence", fresh),
    )
    assert lasting.at_launch.decision == "GO"


# --- what was not seen ----------------------------------------------------------------------------


def test_pass_is_never_made_of_a_role_that_was_not_seen():
    """Five fail for sure, so the sixth made no difference; without the five it does."""
    facts = roles(unseen=["locked"])
    assert seen_state(facts) == "fail"
    state, value, _, reason = judged(launch(*ALL_FIVE, facts=facts))
    assert (state, value, reason) == ("unknown", Decimal(0), "needs iam:GetRole")


def test_role_that_was_not_seen_cannot_be_allowed():
    own = {**WAIVER, "thing_name": "locked"}
    results = launch(*ALL_FIVE, own, facts=roles(unseen=["locked"]))
    assert judged(results)[0] == "unknown"
    assert remark(results)[1:] == (
        "unknown",
        "The waiver of locked in iam.roles does not count: it could not be seen (needs "
        "iam:GetRole), and stays unknown.",
    )
    assert results.gate.decision == "NO-GO"


def test_wrong_name_is_unknown_while_something_was_not_seen():
    results = launch({**WAIVER, "thing_name": "gone"}, facts=roles(unseen=["locked"]))
    assert remark(results)[:2] == ("low", "unknown")


def test_check_that_was_denied_as_a_whole_stays_unknown():
    facts = [Fact("iam.roles", "the account", None, "iam", reason="needs iam:X")]
    results = launch(WAIVER, facts=facts)
    assert judged(results)[0] == "unknown"
    assert "nothing of iam.roles could be seen: needs iam:X" in remark(results)[2]


def test_two_things_of_one_name_of_which_one_was_not_seen_stay_unknown():
    facts = [
        Fact("database.lag", "orders", Decimal(9), "call"),
        Fact("database.lag", "orders", None, "call"),
    ]
    row = waived("database.lag", "orders", facts)
    assert (row["evidence_state"], row["reason"]) == ("unknown", "it could not be seen")


# --- evidence of before, or of another look -------------------------------------------------------


def test_evidence_without_names_is_read_and_says_that_nothing_can_be_waived():
    tables = {**met(), **seen(roles())}
    del tables["evidence_thing"]
    tables["evidence_waiver"] = table("evidence_waiver", [WAIVER])
    results = launch_of(tables)
    assert judged(results)[:2] == ("fail", Decimal(5))
    assert "its evidence holds no names" in remark(results)[2]


@pytest.mark.parametrize(
    "change",
    [
        lambda row: {**row, "observed_at": datetime(2025, 11, 15, tzinfo=UTC)},
        lambda row: {**row, "evidence_value": Decimal(2)},
        lambda row: {**row, "evidence_id": "other"},
    ],
)
def test_names_of_another_look_take_nothing_off(change):
    rows = records(seen(roles())["evidence_thing"])
    changed = [change(rows[0]), *rows[1:]]
    results = launch(WAIVER, evidence_thing=table("evidence_thing", changed))
    assert judged(results)[:2] == ("fail", Decimal(5))
    assert "do not give what its evidence says" in remark(results)[2]


def test_a_thing_that_counts_less_than_nothing_hides_no_other():
    """6 + 1 + 1 + 0 - 3 = 5, as the look says; without the 6 it would be -1, which is at most 0."""
    rows = records(seen(roles())["evidence_thing"])
    figures = (Decimal(6), Decimal(1), Decimal(1), Decimal(0), Decimal(-3))
    changed = [{**row, "evidence_value": n} for row, n in zip(rows, figures, strict=True)]
    results = launch(WAIVER, evidence_thing=table("evidence_thing", changed))
    assert judged(results)[:2] == ("fail", Decimal(5))
    assert "do not give what its evidence says" in remark(results)[2]


def test_claim_allows_nothing_of_what_counts_against_a_check():
    """Nine that a document says are fine name nobody and no end: 5 - 1 waived = 4 are counted."""
    claim = {
        "claim_id": "needed.iam.roles",
        "kind": "quantity",
        "stated_value": Decimal(9),
        "unit": "roles",
        "statement": "nine roles",
        "source": "here",
    }
    results = launch(WAIVER, claim=table("claim", [claim]))
    assert judged(results)[:2] == ("fail", Decimal(4))


def test_without_waivers_nothing_changes():
    plain, none = launch(), launch_of({**met()})
    assert judged(plain)[2].startswith("roles that may change permissions")
    assert name_waiver_table(none).empty
    assert not [one for one in judge_launch(none) if "waiver" in one.id]


def test_sample_has_no_live_evidence_and_no_waiver_by_name():
    assert not {"evidence", "evidence_thing", "evidence_waiver"} & set(
        read_snapshot(paths.SAMPLE).tables
    )


# --- tables ---------------------------------------------------------------------------------------


def test_table_of_waivers_says_what_each_takes_off():
    results = launch(
        WAIVER, {**SECOND, "owner": ""}, {**SECOND, "waiver_id": "w3", "check_id": "x"}
    )
    frame = name_waiver_table(results)
    assert list(frame["waived_value"]) == [Decimal(1), None, None]
    assert list(frame["unit"]) == ["roles", "roles", ""]
    assert list(frame["note"]) == ["", "it names no owner", "no check is called x"]
    assert shown.name_waiver_styles(frame) == {1: "bad", 2: "bad"}
    assert set(shown.name_waiver_columns()) <= set(frame.columns)


def test_things_hold_every_name_though_the_words_hold_five():
    """Eight roles are bad: the words name five, the table all eight, and none of the other 242."""
    bad = [f"bad-{n}" for n in range(8)]
    found = seen(roles(bad))
    assert list(found["evidence_thing"]["thing_name"]) == bad
    (row,) = [one for one in records(found["evidence"]) if one["check_id"] == "iam.roles"]
    assert "and 3 more" in row["detail"]
    allowed = [{**WAIVER, "waiver_id": name, "thing_name": name} for name in bad[1:]]
    state, value, detail, _ = judged(launch(*allowed, facts=roles(bad)))
    assert (state, value) == ("fail", Decimal(1))
    assert detail.startswith("8 roles, 7 waived (bad-1 by CISO until 31 Dec 2025, ")
    assert "and 2 more): 1 counted (bad-0)" in detail


def test_things_of_a_check_that_asks_for_something_are_not_kept():
    facts = [counted("audit.alerts", "us-west-2", ["a", "b"], "events")]
    assert seen(facts)["evidence_thing"].empty


def test_things_with_one_name_are_one():
    """Two secrets of one name, in two Regions: a row of 2."""
    facts = [Fact("secrets.unrotated", "db", Decimal(1), "call", detail="off") for _ in range(2)]
    (row,) = records(seen(facts)["evidence_thing"])
    assert (row["thing_name"], row["evidence_value"], row["detail"]) == ("db", Decimal(2), "off")
