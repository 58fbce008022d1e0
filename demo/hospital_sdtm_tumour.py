"""How trial data write down the tumour: TU names each lesion once, TR measures it, RS judges, PR lists the imaging."""

from collections.abc import Iterator

from demo.sdtm_files import Row
from demo.story import Lesion, Story

_EVALUATORS = {"INV": "INVESTIGATOR", "IND": "INDEPENDENT ASSESSOR"}
_ROLES = {"TARGET": "TARGET", "NONTARGET": "NON-TARGET", "NEW": "NEW"}
_LOCATIONS = {
    "ADRENAL": "ADRENAL GLAND",
    "DISTANT_LN": "RETROPERITONEAL LYMPH NODE",
    "REGIONAL_LN": "MEDIASTINAL LYMPH NODE",
}
_STATES = {"CR": "ABSENT", "NONCR": "PRESENT", "PD": "UNEQUIVOCAL PROGRESSION"}
_METHODS = {"CT": "CT SCAN", "MRI": "MRI"}
_NOT_SEEN: Row = {"TRSTAT": "NOT DONE", "TRREASND": "NOT ASSESSABLE: IMAGE OBSCURED TUMOR"}


def identified_tumours(story: Story) -> Iterator[Row]:
    """One row a lesion, on the day on which it was first seen; a lesion's number tells its reader."""
    named: set[str] = set()
    for seen in sorted(story.lesions, key=lambda lesion: lesion.day):
        if seen.lesion in named:
            continue
        named.add(seen.lesion)
        yield {
            "TULNKID": seen.lesion,
            "TUTESTCD": "TUMIDENT",
            "TUTEST": "Tumor Identification",
            "TUORRES": _ROLES[seen.role],
            "TUSTRESC": _ROLES[seen.role],
            "TULOC": _LOCATIONS.get(seen.organ, seen.organ),
            "TUMETHOD": "CT SCAN",
            "TUEVAL": _EVALUATORS[seen.reader],
            "TUDTC": seen.day,
        }


def tumour_results(story: Story) -> Iterator[Row]:
    """A row a lesion and scan, two for a new lesion that was measured, and a sum a reading."""
    for seen in story.lesions:
        about: Row = {
            "TRGRPID": _ROLES[seen.role],
            "TRLNKID": seen.lesion,
            "TRMETHOD": "CT SCAN",
            "TREVAL": _EVALUATORS[seen.reader],
            "TRDTC": seen.day,
        }
        for result in _results(seen):
            yield {**about, **result}
    for read in story.assessments:
        if read.sum_mm is not None:
            total = _measured("SUMDIAM", "Sum of Diameter", read.sum_mm)
            yield {**total, "TRGRPID": "TARGET", "TREVAL": _EVALUATORS[read.reader], "TRDTC": read.day}


def _results(seen: Lesion) -> Iterator[Row]:
    code, name = ("LPERP", "Longest Perpendicular") if seen.is_node else ("LDIAM", "Longest Diameter")
    if seen.role == "TARGET":
        yield _target_result(seen, code, name)
        return
    if seen.state == "NE":
        yield {"TRTESTCD": "TUMSTATE", "TRTEST": "Tumor State", **_NOT_SEEN}
        return
    state = _STATES.get(seen.state, seen.state)
    yield {"TRTESTCD": "TUMSTATE", "TRTEST": "Tumor State", "TRORRES": state, "TRSTRESC": state}
    if seen.mm is not None:
        yield _measured(code, name, seen.mm)


def _target_result(seen: Lesion, code: str, name: str) -> Row:
    if seen.state == "NE":
        return {"TRTESTCD": code, "TRTEST": name, **_NOT_SEEN}
    if seen.state == "TSTM":
        return {**_measured(code, name, 5), "TRORRES": "TOO SMALL TO MEASURE"}
    return _measured(code, name, 0 if seen.mm is None else seen.mm)


def _measured(code: str, name: str, mm: int) -> Row:
    values: Row = {"TRORRES": mm, "TRORRESU": "mm", "TRSTRESC": mm, "TRSTRESN": mm, "TRSTRESU": "mm"}
    return {"TRTESTCD": code, "TRTEST": name, **values}


def response_rows(story: Story) -> Iterator[Row]:
    """Overall responses of both readers, and progression that was judged without a scan."""
    for read in story.assessments:
        about: Row = {"RSTESTCD": "OVRLRESP", "RSTEST": "Overall Response", "RSCAT": "RECIST 1.1"}
        judged: Row = {"RSORRES": read.response, "RSSTRESC": read.response, "RSEVAL": _EVALUATORS[read.reader]}
        yield {**about, **judged, "RSDTC": read.day}
    for day in story.clinical_progressions:
        about = {"RSTESTCD": "SYMPTDTR", "RSTEST": "Symptomatic Deterioration", "RSEVAL": "INVESTIGATOR"}
        criteria: Row = {"RSCAT": "PROTOCOL DEFINED RESPONSE CRITERIA", "RSORRES": "Dysphagia", "RSSTRESC": "PD"}
        yield {**about, **criteria, "RSDTC": day}


def imaging_rows(story: Story) -> Iterator[Row]:
    """Imaging as procedures, the region as location."""
    for scan in story.scans:
        done: Row = {"PRTRT": _METHODS[scan.modality], "PRCAT": "IMAGING", "PRLOC": scan.region}
        yield {**done, "PRSTDTC": scan.day, "PRENDTC": scan.day}
