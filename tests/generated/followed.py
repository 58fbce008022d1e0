"""Patients with what follow-up reads beside treatment: procedures, scans, causes of death, reasons to stop."""

import dataclasses
import datetime as dt
from collections.abc import Mapping
from functools import cached_property

from hypothesis import strategies as st

from tests.generated.histories import CUTOFF, ExtractRow, History, Value, dates, dispensed, row
from tests.generated.reading import RELAPSES, Reading
from tests.generated.strategies import combination_histories
from tests.reference import defaults
from tests.reference.days import NO, UNKNOWN, YES, after, seen, until
from tests.reference.imputation import Surroundings, impute, read_partial
from tests.reference.survival import Endpoints, FollowUp, Treatment
from tests.reference.treatment import DoseRow, Sight, Supply, component_treatment, whole_treatment

BELIEVED_FIRST = ("REGISTRY", "HOSPITAL", "FAMILY", "FREE_TEXT")
CAUSES: Mapping[str | None, str] = {
    "Cancer": YES,
    "C15.4": YES,
    "I21.9": NO,
    "other": NO,
    "sepsis": UNKNOWN,
    None: UNKNOWN,
}
COMPONENTS = {"anlotinib": "anlotinib", "pd1": "is_pd1_mab"}
OFFSETS = [-30, -1, 0, 1, 30, 60, 126, 127, 180]


@st.composite
def followed_histories(draw: st.DrawFn) -> History:
    """A combination patient with procedures, a second primary, a diagnosis, scans, causes of death and stop reasons."""
    history = draw(combination_histories())
    index = min(dates(r["start_text"] for r in history.of("drug_row") if r["raw_name"] == "anlotinib"))
    words, rows = [history.situation], [_told_more(draw, each) for each in history.rows]

    def day() -> str:
        return after(index, draw(st.sampled_from(OFFSETS))).isoformat()

    if draw(st.integers(0, 2)) == 0:
        kind, site, intent = draw(
            st.sampled_from([("RT", "BONE", "PALLIATIVE"), ("RT", "LUNG", "PALLIATIVE"), ("ABLATION", "LIVER", None)])
        )
        on = day()
        rows.append(
            row("procedure", kind=kind, start_text=on, end_text=on, target_site=site, intent=intent, dose_gy=20)
        )
        words.append(f"{kind}_{site}_{on}")
    if draw(st.integers(0, 3)) == 0:
        # The last pack covers 21 days and has 28 days of grace, which end about the cutoff.
        pack = after(CUTOFF, -(20 + 28) + draw(st.sampled_from([-1, 0, 1, 28])))
        rows += [dispensed("anlotinib", index, 14 * ((pack - index).days // 21)), dispensed("anlotinib", pack, 14)]
        words.append(f"supplied_until_{pack}")
    if draw(st.integers(0, 2)) == 0:
        rows.append(row("diagnosis", date_text=day(), code="C34", kind="SECOND_PRIMARY"))
        words.append("second_primary")
    if draw(st.booleans()):
        known = draw(st.sampled_from([4, 7, 10, 10, 10]))
        told = after(index, draw(st.sampled_from([-400, -1, 0, 1]))).isoformat()[:known]
        rows.append(row("disease_event", event="DX", event_date_text=told))
        words.append(f"diagnosed_{told}")
    if draw(st.booleans()):
        scanned = after(index, -draw(st.sampled_from([0, 42, 43]))).isoformat()
        rows.append(row("scan", scan_date=scanned, modality="CT", region="CHEST"))
        words.append(f"scanned_{scanned}")
    if draw(st.integers(0, 3)) == 0:
        told = draw(st.sampled_from([day(), day()[:7], CUTOFF.isoformat()]))
        source = draw(st.sampled_from(BELIEVED_FIRST))
        rows.append(row("death", source=source, date_text=told, cause=draw(st.sampled_from([*CAUSES]))))
        words.append(f"{source}_says_{told}")
    return History("_".join(words), tuple(dict.fromkeys(rows)))


def _told_more(draw: st.DrawFn, each: ExtractRow) -> ExtractRow:
    values = dict(each.values)
    if each.table == "death":
        values["cause"] = draw(st.sampled_from([*CAUSES]))
    if each.table == "drug_row" and draw(st.integers(0, 5)) == 0:
        values["reason_stop"] = draw(st.sampled_from(["TOXICITY", "LOST"]))
    return ExtractRow(each.table, tuple(values.items()))


class FollowedReading(Reading):
    """A patient read for every endpoint of R6."""

    def _known(self, table: str, column: str) -> list[Mapping[str, Value]]:
        """A diagnosis has a rule of its own: its day may be missing."""
        rows = [r for r in self.history.of(table) if r.get("event") != "DX"]
        return [r for r in rows if seen(dt.date.fromisoformat(str(r[column])), self.books.cutoff)]

    @cached_property
    def _procedures(self) -> list[Mapping[str, Value]]:
        return [dict(r) for r in self.history.of("procedure")]

    @cached_property
    def new_therapy(self) -> dt.date | None:
        """R6.2: the first new drug, or procedure of the kinds that count."""
        kinds = self.parameters["nact_procedures"].split("|")
        days = [super().new_therapy]
        for procedure in self._procedures:
            day = dt.date.fromisoformat(str(procedure["start_text"]))
            counts = procedure["kind"] in kinds and not self._is_symptomatic(procedure, day)
            days += [day] if counts and day > self.index_date and seen(day, self.books.cutoff) else []
        return min((day for day in days if day is not None), default=None)

    def _is_symptomatic(self, procedure: Mapping[str, Value], day: dt.date) -> bool:
        """Palliative radiotherapy to bone without PD, unless the study counts it."""
        to_bone = procedure["kind"] == "RT" and procedure["target_site"] == "BONE"
        after_pd = any(self.index_date < p <= day for p in self.progressions)
        return to_bone and not after_pd and self.parameters["nact_bone_rt_counts"] == "N"

    @cached_property
    def _alive(self) -> tuple[dt.date, ...]:
        texts = [r["start_text"] for r in self._procedures] + [r["scan_date"] for r in self.history.of("scan")]
        return (*super()._alive, *(until(day, self.books.cutoff) for day in dates(texts)), *self._alive_by_registry())

    def _alive_by_registry(self) -> list[dt.date]:
        """R6.3.5: who is in no death record was alive when the registry was last complete."""
        if not self.parameters["registry_complete_to"]:
            return []
        complete_to = dt.date.fromisoformat(self.parameters["registry_complete_to"])
        deaths = [read_partial(str(r["date_text"])) for r in self.history.of("death")]
        is_absent = all(death is not None and death.lo > complete_to for death in deaths)
        return [until(complete_to, self.books.cutoff)] if is_absent else []

    @cached_property
    def _believed(self) -> list[tuple[dt.date, str | None]]:
        """Day and cause by each source up to the cutoff, the most credible first; of one source the earliest."""
        around = Surroundings(last_alive=max([*self._alive, self.index_date]), cutoff=self.books.cutoff)
        told = []
        for death in self.history.of("death"):
            partial = read_partial(str(death["date_text"]))
            if partial is not None and partial.lo <= self.books.cutoff:
                day, _ = impute("DEATH", str(death["date_text"]), around)
                rank = BELIEVED_FIRST.index(str(death["source"]))
                if day is not None:
                    told.append((rank, partial.lo, partial.hi, day, death["cause"]))
        told.sort(key=lambda each: each[:3])
        return [(day, None if cause is None else str(cause)) for _, _, _, day, cause in told]

    @cached_property
    def _death(self) -> dt.date | None:
        return self._believed[0][0] if self._believed else None

    def _cause(self) -> str:
        known = [CAUSES[cause] for _, cause in self._believed if CAUSES[cause] != UNKNOWN]
        return known[0] if known else UNKNOWN

    def _next_line_same_cancer(self) -> dt.date | None:
        """Lines after the index line that no second primary explains."""
        others = [day for day in dates(r["date_text"] for r in self.history.of("diagnosis")) if day > self.index_date]
        later = [line.start for line in self.lines if line.line_seq > self.index_line.line_seq]
        own = [
            start
            for start in later
            if not any(day <= start for day in others) or any(self.index_date < p <= start for p in self.progressions)
        ]
        return min(own, default=None)

    def _diagnosis(self) -> dt.date | None:
        told = [read_partial(str(r["event_date_text"])) for r in self.history.of("disease_event") if r["event"] == "DX"]
        first = min((each for each in told if each), key=lambda each: each.lo, default=None)
        return first.lo if first and first.precision == "D" and first.lo <= self.index_date else None

    def _has_baseline(self) -> bool:
        texts = [r["scan_date"] for r in self.history.of("scan")]
        texts += [r["response_date"] for r in self.history.of("response")]
        earliest = after(self.index_date, -int(self.parameters["bl_imaging_before"]))
        return any(earliest <= day <= self.index_date for day in dates(texts))

    def _component(self, member: str, sight: Sight) -> Treatment:
        supplies, rows = [], []
        for key, episodes in self.exposure.items():
            if member not in (key, "") and not (member.startswith("is_") and self._is(key, member)):
                continue
            given = self._drug_rows[key]
            is_oral = any(r["route"] == "PO" for r in given)
            grace = (
                int(self.parameters["oral_grace_days"]) if is_oral else max(int(str(r["cycle_days"])) for r in given)
            )
            supplies += [Supply(e.start, e.last_dose, e.covered_through, grace, e.doses) for e in episodes]
            for each in given:
                if each["source_kind"] != "RETURN":
                    reason = each.get("reason_stop")
                    rows.append(
                        DoseRow(dt.date.fromisoformat(str(each["start_text"])), str(reason) if reason else None)
                    )
        return component_treatment(supplies, rows, sight)

    @cached_property
    def endpoints(self) -> Endpoints:
        infusions = dates(r["start_text"] for r in self.history.of("drug_row") if r["source_kind"] == "ADMIN")
        follow_up = FollowUp(
            index=self.index_date,
            assessments=tuple(self.assessments),
            relapses=tuple(self._events(*RELAPSES)),
            clinical_progressions=tuple(self._events("CLIN_PD")),
            death=self._death,
            alive=self._alive,
            activity=tuple(infusions),
            new_therapy=self.new_therapy,
            next_line=self.next_line,
            has_baseline_assessment=self._has_baseline(),
            line_start=self.index_line.start,
            diagnosis=self._diagnosis(),
            died_with_tumour=self._cause(),
            next_line_same_cancer=self._next_line_same_cancer(),
        )
        rules = defaults.survival_rules(self.parameters)
        seen_so_far = Endpoints(follow_up, self.books.cutoff, rules)
        sight = Sight(
            index=self.index_date,
            cutoff=self.books.cutoff,
            last_alive=seen_so_far.last_alive(),
            next_line=self.next_line,
            end=max(after(seen_so_far.end, -1), self.index_date) if seen_so_far.end else seen_so_far.death,
            is_dead=seen_so_far.death is not None,
            is_disputed=seen_so_far.is_disputed,
        )
        components = {name: self._component(member, sight) for name, member in COMPONENTS.items()}
        whole = whole_treatment([*components.values()])
        follow_up = dataclasses.replace(follow_up, treatment=whole, components=components)
        return Endpoints(follow_up, self.books.cutoff, rules)
