"""The reference of dosing against the worked examples of the rule book: a second reading has to be tested too."""

from decimal import Decimal

import pytest

from tests.reference import defaults
from tests.reference.days import after
from tests.reference.dosing import (
    Infusion,
    Supply,
    half_up,
    infusion_intensity,
    levels,
    on_days,
    oral_intensity,
)
from tests.reference.tables import cases, date_or_none, default_parameters, example

PARAMETERS = default_parameters()
LABEL_MG = Decimal(12)
DOSING = cases(example("07_dosing__input"))
LEVELS = cases(example("07_dose_levels__input"))


@pytest.mark.parametrize("case", DOSING)
def test_dose_intensity(case: str) -> None:
    """Planned dose and relative dose intensity become those of 07: mg by mouth, infusions otherwise."""
    rows = [(date_or_none(row["start_or_date"]), row) for row in DOSING[case]]
    if rows[0][1]["kind"] == "ORAL":
        supplies = []
        for day, row in rows:
            end = date_or_none(row["end"])
            assert day
            assert end
            supplies.append(Supply(day, (after(end, 1) - day).days, Decimal(row["mg_per_day"])))
        schedule = defaults.anlotinib_schedule(PARAMETERS)
        intensity = oral_intensity(on_days(supplies, schedule, int(PARAMETERS["oral_grace_days"])), schedule, LABEL_MG)
        planned = str(intensity.planned_own_mg)
    else:
        infusions = [Infusion(day, int(row["cycle_days"]), Decimal(200)) for day, row in rows if day]
        intensity = infusion_intensity(infusions, Decimal(200), infusions[0].cycle_days)
        planned = str(half_up(intensity.planned, 2))
    answer = {"case_id": case, "planned": planned, "rdi_pct": str(half_up(intensity.rdi_initial, 1))}
    assert [answer] == cases(example("07_dosing__expected"))[case]


@pytest.mark.parametrize("case", LEVELS)
def test_dose_levels(case: str) -> None:
    """First and lowest dose, reductions and escalation become those of 07."""
    found = levels([(Decimal(row["mg_per_day"]), None) for row in LEVELS[case]])
    answer = {
        "case_id": case,
        "initial_mg": str(found.initial_mg),
        "reduced": "Y" if found.n_reductions else "N",
        "n_reductions": str(found.n_reductions),
        "min_mg": str(found.min_mg),
        "escalated": "Y" if found.n_escalations else "N",
    }
    assert [answer] == cases(example("07_dose_levels__expected"))[case]
