"""The reference against the worked examples of the rule book: a second reading has to be tested too."""

import datetime as dt
from dataclasses import fields
from decimal import Decimal

import pytest

from tests.reference import defaults
from tests.reference.days import after
from tests.reference.exposure import Fill, oral_episodes
from tests.reference.imputation import Surroundings, impute
from tests.reference.index import IndexRules, Span, index_of_combination
from tests.reference.lines import Course, DrugEpisode, lines_of_therapy
from tests.reference.prior_ici import IciDose, ImmuneEvent, irae_recovered, prior_ici
from tests.reference.recist import Reading, TimePointResponse, responses, time_points
from tests.reference.response import Assessment, best_response
from tests.reference.survival import Endpoints, FollowUp, Treatment
from tests.reference.tables import SEEDS, Row, cases, date_or_none, default_parameters, example, read_csv

PARAMETERS = default_parameters()
DRUGS = {row["drug_key"]: row for row in read_csv(SEEDS / "drugs.csv")}
ORAL = cases(example("02a_oral__input"))
LINES = cases(example("02b_lot__input_episodes"))
INDEX = cases(example("03a_index__input"))
PRIOR_ICI = cases(example("04_ici__input_prior"))
LESIONS = cases(example("05a_recist__input_lesions"))
TIME_POINTS = cases(example("05a_recist__input_timepoints"))
RESPONSE = cases(example("05b_bor__input"))
SURVIVAL = cases(example("06_tte__input"))


@pytest.mark.parametrize("row", example("00_dates__input"), ids=lambda row: row["case_id"])
def test_imputed_dates(row: Row) -> None:
    """Texts that are known to the month or the year become the dates and flags of 00."""
    names = {"index": "index_date", "death": "death_date"}
    around = {field.name: date_or_none(row[names.get(field.name, field.name)]) for field in fields(Surroundings)}
    date_found, flag = impute(row["role"], row["date_text"], Surroundings(**around))
    answer = {"case_id": row["case_id"], "date": str(date_found or ""), "flag": flag}
    assert [answer] == cases(example("00_dates__expected"))[row["case_id"]]


@pytest.mark.parametrize("case", ORAL)
def test_oral_exposure(case: str) -> None:
    """Fills become the episodes of 02a, delays and milligrams included."""
    fills = [Fill(date(r["dispense_date"]), int(r["on_days"]), Decimal(r["mg_per_day"])) for r in ORAL[case]]
    schedule = defaults.anlotinib_schedule(PARAMETERS)
    episodes = oral_episodes(fills, schedule, int(PARAMETERS["oral_grace_days"]))
    assert [
        {
            "case_id": case,
            "episode": str(number),
            "start": str(episode.start),
            "covered_through": str(episode.covered_through),
            "last_on_day": str(episode.last_dose),
            "on_days": str(episode.on_days),
            "total_mg": str(episode.total_mg),
            "n_delays": str(episode.n_delays),
            "delay_days": str(episode.delay_days),
        }
        for number, episode in enumerate(episodes, start=1)
    ] == cases(example("02a_oral__expected"))[case]


@pytest.mark.parametrize("case", LINES)
def test_lines(case: str) -> None:
    """Episodes and events become the lines of 02b, numbers, labels and tags included."""
    events = cases(example("02b_lot__input_events")).get(case, [])
    advanced = [date(r["date"]) for r in events if r["event"] == "ADVANCED"]
    course = Course(
        progressions=tuple(date(r["date"]) for r in events if r["event"] == "PD"),
        non_progressions=tuple(date(r["date"]) for r in events if r["event"] == "NONPD"),
        advanced_date=min(advanced, default=None),
    )
    # The tables of 02b leave out what marks a course as curative; its cases are those with an advanced date.
    episodes = [line_episode(r, intent="CURATIVE" if advanced and is_before(r, advanced) else "") for r in LINES[case]]
    lines = lines_of_therapy(episodes, course, defaults.line_rules(PARAMETERS))
    assert [
        {
            "case_id": case,
            "line_seq": str(line.line_seq),
            "setting": line.setting,
            "counted": "Y" if line.is_counted else "N",
            "line_no": str(line.line_no or ""),
            "start": str(line.start),
            "last_dose": str(line.last_dose),
            "regimen": " + ".join(line.regimen),
            "advance_reason": line.advance_reason,
            "enlist": line.enlist_label,
            "tags": ",".join(line.tags),
        }
        for line in lines
    ] == cases(example("02b_lot__expected"))[case]


@pytest.mark.parametrize("case", INDEX)
def test_index(case: str) -> None:
    """Episodes of anlotinib and a PD-1 antibody become the index of 03a."""
    spans = [Span(r["drug_key"], date(r["start"]), date(r["covered_through"])) for r in INDEX[case]]
    rules = IndexRules(
        PARAMETERS["index_rule"], date_or_none(PARAMETERS["index_from"]), date_or_none(PARAMETERS["index_to"])
    )
    anlotinib = [span for span in spans if span.drug_key == "anlotinib"]
    pd1 = [span for span in spans if DRUGS[span.drug_key]["is_pd1_mab"] == "Y"]
    index = index_of_combination(anlotinib, pd1, rules)
    expected = cases(example("03a_index__expected"))[case][0]
    assert (index.date, index.status) == (date_or_none(expected["index_date"]), expected["status"])


@pytest.mark.parametrize("case", PRIOR_ICI)
def test_prior_ici(case: str) -> None:
    """Prior doses become the class, the interval and the conformity of 04."""
    rows = PRIOR_ICI[case]
    events = cases(example("04_ici__input_events")).get(case, [])
    doses = [ici_dose(row) for row in rows if row["agent"]]
    rules = defaults.ici_rules(PARAMETERS)
    immune_events = [immune_event(row) for row in events if row["event"] == "IRAE"]
    found = prior_ici(
        date(rows[0]["index_date"]),
        frozenset({rows[0]["index_agent"]}),
        doses,
        [date(r["date"]) for r in events if r["event"] == "PD"],
        irae_recovered(immune_events, rules, table_is_complete=True),
        rules,
    )
    low, high = found.tfi_days_lo, found.tfi_days_hi
    answer = {
        "case_id": case,
        "class": found.ici_class,
        "same_agent": found.same_agent or "",
        "tfi_days": span_text(low, high),
        "tfi_months": span_text(tenths_of_months(low), tenths_of_months(high)),
        "gap_gt_3m": found.gap_gt_3m or "",
        "irae_ok": found.irae_ok or "",
        "conforms_protocol": found.conforms_protocol or "",
    }
    assert answer == cases(example("04_ici__expected"))[case][0]


@pytest.mark.parametrize("case", TIME_POINTS)
def test_tumour_response(case: str) -> None:
    """Lesions become the sums and responses of 05a, reviews included."""
    rules = defaults.recist_rules(PARAMETERS)
    found = responses(time_points(lesion_readings(case), rules.tp_window_days), rules)
    expected = cases(example("05a_recist__expected"))[case]
    assert [timepoint_text(tp) for tp in found] == [
        tuple(number(row[name]) for name in ("sum_mm", "nadir_mm"))
        + tuple(row[name] for name in ("tp", "target_resp", "overall_resp", "review"))
        for row in expected
    ]


@pytest.mark.parametrize("case", RESPONSE)
def test_best_response(case: str) -> None:
    """Recorded responses become the best responses of 05b, unconfirmed and confirmed."""
    rows = RESPONSE[case]
    index_date = date(rows[0]["index_date"])
    new_therapy = after(index_date, int(rows[0]["nact_day"])) if rows[0]["nact_day"] else None
    assessments = [Assessment(after(index_date, int(r["day"])), r["response"]) for r in rows if r["response"]]
    best = best_response(assessments, index_date, new_therapy, None, defaults.response_rules(PARAMETERS))
    answer = {
        "case_id": case,
        "bor": best.bor,
        "confirmed_bor": best.confirmed_bor,
        "first_response_day": day_text(best.first_response_date, index_date),
        "first_confirmed_response_day": day_text(best.first_confirmed_response_date, index_date),
        "note": "CR_THEN_NONCR" if best.cr_then_noncr else "",
    }
    assert answer == cases(example("05b_bor__expected"))[case][0]


@pytest.mark.parametrize("expected", example("06_tte__expected"), ids=lambda row: f"{row['case_id']}-{row['paramcd']}")
def test_time_to_event(expected: Row) -> None:
    """Follow-up becomes the end, the days, the code and the description of 06."""
    row = SURVIVAL[expected["case_id"]][0]
    endpoints = Endpoints(follow_up(row), date_or_none(row["cutoff"]), defaults.survival_rules(PARAMETERS))
    found = endpoints.row(expected["paramcd"])
    assert found is not None
    answer = {
        "case_id": expected["case_id"],
        "paramcd": found.paramcd,
        "adt": str(found.end),
        "aval_days": str(found.aval_days),
        "aval_months": f"{found.aval_months:.2f}",
        "cnsr": str(found.cnsr),
        "evntdesc": found.description,
    }
    assert answer == expected


def lesion_readings(case: str) -> list[Reading]:
    days = {row["tp"]: row for row in TIME_POINTS[case]}
    rows = [
        Reading(
            lesion_id=row["lesion_id"],
            role="TARGET",
            date=date(days[row["tp"]]["date"]),
            tp=row["tp"],
            status=row["status"],
            mm=number(row["mm"]),
            is_node=row["is_node"] == "Y",
        )
        for row in LESIONS.get(case, [])
    ]
    for tp, row in days.items():
        day = date(row["date"])
        if row["nontarget"] != "NONE":
            rows.append(Reading("all", "NONTARGET", day, tp, nt_status=row["nontarget"]))
        if row["new_lesion"] != "N":
            rows.append(Reading("new", "NEW", day, tp, equivocal=row["new_lesion"] == "EQ"))
    return rows


def timepoint_text(tp: TimePointResponse) -> tuple[object, ...]:
    return (tp.sum_mm, tp.nadir_mm, tp.label, tp.target, tp.response, tp.review)


def number(text: str) -> Decimal | None:
    return Decimal(text) if text else None


def date(text: str) -> dt.date:
    return dt.date.fromisoformat(text)


def ici_dose(row: Row) -> IciDose:
    return IciDose(date(row["dose_lo"]), date(row["dose_hi"]), row["agent"], row["in_index_line"] == "Y")


def immune_event(row: Row) -> ImmuneEvent:
    return ImmuneEvent(int(row["grade_at_index"]), row["endocrine_on_replacement"] == "Y")


def is_before(row: Row, advanced: list[dt.date]) -> bool:
    return date(row["start"]) < min(advanced)


def line_episode(row: Row, intent: str) -> DrugEpisode:
    return DrugEpisode(
        drug_key=row["drug_key"],
        base_ingredient=DRUGS.get(row["drug_key"], {}).get("base_ingredient", row["drug_key"]),
        sub_group=row["sub_group"],
        start=date(row["start"]),
        last_dose=date(row["last_dose"]),
        covered_through=date(row["covered_through"]),
        counts_in_lot=row["counts_in_lot"] == "Y",
        local_route=row["local_route"] == "Y",
        intent=intent,
    )


def follow_up(row: Row) -> FollowUp:
    pairs = (pair.split(":", 1) for pair in row["assess"].split("|") if pair)
    return FollowUp(
        index=date(row["index"]),
        assessments=tuple(Assessment(date(day), response) for day, response in pairs),
        clinical_progressions=tuple(date(day) for day in row["clin_pd"].split("|") if day),
        death=date_or_none(row["death"]),
        alive=(date(row["last_alive"]),),
        new_therapy=date_or_none(row["nact"]),
        next_line=date_or_none(row["nact"]),
        has_baseline_assessment=row["base_assess"] == "Y",
        treatment=Treatment(date_or_none(row["last_dose"]), row["disc"]),
    )


def span_text(low: object, high: object) -> str:
    if low is None:
        return ""
    return str(low) if low == high else f"{low}-{high}"


def tenths_of_months(days: int | None) -> str | None:
    return None if days is None else f"{days / float(PARAMETERS['days_per_month']):.1f}"


def day_text(day: dt.date | None, index_date: dt.date) -> str:
    return "" if day is None else str((day - index_date).days)
