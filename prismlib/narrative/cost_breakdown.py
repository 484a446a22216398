"""What is said of a cost that is split: by component, service, usage type, account or region."""

from __future__ import annotations

import plotly.graph_objects as go

from prismlib.analyses.cost_breakdown import SEPARATOR, CostBreakdown
from prismlib.analyses.cost_comparison import CostComparison
from prismlib.analyses.cost_inputs import CostInputs
from prismlib.analyses.judging import counted
from prismlib.charts import cost_variance as draw
from prismlib.money import exact_sum
from prismlib.narrative.cost_variance import BASELINE_WORDS
from prismlib.report.cells import Column


def opened_words(breakdown: CostBreakdown) -> str:
    """Return the name of what was opened, from the outer group on."""
    return SEPARATOR.join(breakdown.opened) or "The bill"


UNSPLIT = (
    "Nothing is split further here. -p opened=NAME shows the services of a component, -p"
    " grouping=service (usage_type, account, region) the whole bill by another column."
)
"""What stands in the place of the chart where the settings split nothing."""


def split_sentence(inputs: CostInputs, comparison: CostComparison, breakdown: CostBreakdown) -> str:
    """Return what was opened, into how many groups it falls, and what cannot be said of them."""
    what = opened_words(breakdown)
    if breakdown.reason:
        return f"**{what} has no finer split**: {breakdown.reason}."
    number = counted(len(breakdown.groups), breakdown.level)
    holds = f"costs {comparison.money(breakdown.cost)} on the bill"
    if not breakdown.opened:
        holds = f"holds {comparison.money(breakdown.cost)}"
    words = f"**{what} {holds}, in {number}.**"
    if breakdown.is_stated:
        words += _against_statement(comparison, breakdown)
    if inputs.is_bill_synthetic:
        words += " The bill is synthetic: it shows the parts, and proves none."
    if comparison.baseline_name and not breakdown.has_baseline:
        words += " The estimate names components only, so there is no change of these to show."
    if not breakdown.below:
        words += f" The bill goes no further than {breakdown.level}s."
    return words


def _against_statement(comparison: CostComparison, breakdown: CostBreakdown) -> str:
    stated = breakdown.stated
    if stated is None:
        return " The stated costs have no figure for it."
    says = "the same" if stated == breakdown.cost else comparison.money(stated)
    return f" The stated costs say {says} and do not split it."


def split_title(comparison: CostComparison, breakdown: CostBreakdown) -> str:
    """Return what the chart of the groups shows, as a sentence."""
    what, level = opened_words(breakdown), breakdown.level
    if not breakdown.has_baseline:
        return f"{what}: {comparison.money(breakdown.cost)} by {level}"
    change = comparison.change(exact_sum(breakdown.groups["cost_change"]))
    return f"{what}: {change} from {BASELINE_WORDS[comparison.baseline_name]} to actual, by {level}"


def split_chart(comparison: CostComparison, breakdown: CostBreakdown) -> go.Figure:
    """Return the chart of the groups: the way from the month before, or what each costs."""
    title, groups = split_title(comparison, breakdown), breakdown.groups
    if not breakdown.has_baseline:
        return draw.cost_component_bar(groups, title=title, by="group_name")
    label = BASELINE_WORDS[comparison.baseline_name].capitalize()
    return draw.cost_variance_waterfall(groups, title=title, baseline_label=label, by="group_name")


def groups_title(breakdown: CostBreakdown) -> str:
    """Return the title of the table of the groups."""
    return f"{opened_words(breakdown)}, every {breakdown.level}"


def split_columns(comparison: CostComparison, breakdown: CostBreakdown) -> dict[str, Column]:
    """Return the columns of the table of the groups."""
    money = comparison.currency
    columns = {
        "group_name": Column(breakdown.level.capitalize()),
        "baseline_cost": Column("Month before", "money", money, missing="none"),
        "current_cost": Column("Actual", "money", money, missing="none"),
        "cost_change": Column("Change", "signed_money", money),
    }
    if breakdown.has_baseline:
        return columns
    return {"group_name": columns["group_name"], "current_cost": Column("Cost", "money", money)}
