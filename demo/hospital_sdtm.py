"""A hospital that hands over trial data: the stories as CDISC SDTM domains (SDTMIG 3.4), CSV or transport files.

What SDTM has no variable for stands in supplemental qualifiers, in categories that the shipped mapping documents.
"""

from collections.abc import Iterator
from datetime import date
from itertools import chain
from pathlib import Path
from typing import Literal

from demo.formulary import FORMULARY, PREMEDICATION, SUPPORTIVE_CAPSULES
from demo.hospital_sdtm_findings import (
    event_rows,
    laboratory_rows,
    partial_day,
    performance_rows,
    staging_rows,
    vital_rows,
)
from demo.hospital_sdtm_tumour import identified_tumours, imaging_rows, response_rows, tumour_results
from demo.sdtm_files import Row, SdtmFolder
from demo.story import TRIAL, Dispensing, Infusion, Story
from demo.vocabulary import (
    COMORBIDITIES,
    HISTOLOGIES,
    ORGANS,
    PRIMARIES,
)

_DOMAINS: dict[str, tuple[str, ...]] = {
    "DM": ("SUBJID", "RFICDTC", "BRTHDTC", "DTHDTC", "DTHFL", "SITEID", "SEX", "COUNTRY"),
    "EX": ("EXTRT", "EXCAT", "EXSCAT", "EXDOSE", "EXDOSU", "EXDOSFRQ", "EXROUTE", "EXADJ", "EXSTDTC", "EXENDTC"),
    "EC": ("ECTRT", "ECMOOD", "ECPRESP", "ECOCCUR", "ECDOSE", "ECDOSU", "ECROUTE", "ECSTDTC"),
    "DA": ("DATESTCD", "DATEST", "DACAT", "DASCAT", "DAORRES", "DAORRESU", "DASTRESN", "DADTC"),
    "CM": ("CMTRT", "CMCAT", "CMDOSE", "CMDOSU", "CMROUTE", "CMSTDTC", "CMENDTC"),
    "PR": ("PRTRT", "PRCAT", "PRINDC", "PRDOSE", "PRDOSU", "PRLOC", "PRSTDTC", "PRENDTC"),
    "AE": ("AETERM", "AEDECOD", "AEREL", "AEOUT", "AETOXGR", "AESTDTC", "AEENDTC"),
    "LB": (
        *("LBTESTCD", "LBTEST", "LBORRES", "LBORRESU", "LBORNRLO", "LBORNRHI", "LBSTRESC", "LBSTRESN", "LBSTRESU"),
        *("LBSPEC", "LBMETHOD", "LBDTC"),
    ),
    "VS": ("VSTESTCD", "VSTEST", "VSORRES", "VSORRESU", "VSSTRESC", "VSSTRESN", "VSSTRESU", "VSDTC"),
    "RS": ("RSTESTCD", "RSTEST", "RSCAT", "RSORRES", "RSSTRESC", "RSEVAL", "RSDTC"),
    "TU": ("TULNKID", "TUTESTCD", "TUTEST", "TUORRES", "TUSTRESC", "TULOC", "TUMETHOD", "TUEVAL", "TUDTC"),
    "TR": (
        *("TRGRPID", "TRLNKID", "TRTESTCD", "TRTEST", "TRORRES", "TRORRESU", "TRSTRESC", "TRSTRESN", "TRSTRESU"),
        *("TRSTAT", "TRREASND", "TRMETHOD", "TREVAL", "TRDTC"),
    ),
    "MH": ("MHTERM", "MHDECOD", "MHCAT", "MHSTDTC"),
    "MI": ("MITESTCD", "MITEST", "MICAT", "MIORRES", "MISTRESC", "MISPEC", "MILOC", "MIDTC"),
    "DS": ("DSTERM", "DSDECOD", "DSCAT", "DSSTDTC"),
    "HO": ("HOTERM", "HODECOD", "HOSTDTC", "HOENDTC"),
    "SV": ("VISIT", "SVCNTMOD", "SVSTDTC", "SVENDTC"),
}
_FREQUENCIES = {14: "EVERY 2 WEEKS", 21: "EVERY 3 WEEKS"}
_DEATHS = {
    "REGISTRY": "Death due to malignant neoplasm, from the registry of causes of death",
    "HOSPITAL": "Death in hospital",
    "FAMILY": "Death due to tumour progression, told by the family",
}
_METASTASES = {
    "DISTANT_LN": ("distant lymph nodes", "lymph nodes"),
    "BRAIN": ("brain", "central nervous system"),
    "ADRENAL": ("adrenal gland", "adrenals"),
}
"""Organ as the site writes it, and as the MedDRA preferred term `Metastases to …` names it."""


class HospitalSdtm:
    """Writes stories as SDTM domains, one file each.

    Args:
        folder: where the files go.
        suffix: `.csv`, or `.xpt` for SAS transport files.
    """

    centre_id = "hospital_sdtm"
    identifier_system = "USUBJID"

    def __init__(self, folder: Path, suffix: Literal[".csv", ".xpt"] = ".csv") -> None:
        self._files = SdtmFolder(folder, _DOMAINS, TRIAL, suffix)

    def write(self, story: Story) -> str:
        """Keep all records of one patient; returns the USUBJID."""
        subject = f"{TRIAL}-{story.number:06d}"
        rows = {
            "DM": _demographics(story),
            "EX": _exposures(story),
            "EC": _not_given(story),
            "DA": _accountability(story),
            "CM": _medications(story),
            "PR": chain(_procedures(story), imaging_rows(story)),
            "AE": event_rows(story),
            "LB": laboratory_rows(story),
            "VS": vital_rows(story),
            "RS": chain(response_rows(story), performance_rows(story), staging_rows(story)),
            "TU": identified_tumours(story),
            "TR": tumour_results(story),
            "MH": _history(story),
            "MI": _microscopy(story),
            "DS": _dispositions(story),
            "HO": _stays(story),
            "SV": _visits(story),
        }
        for domain, of_domain in rows.items():
            self._files.add(domain, subject, of_domain)
        return subject

    def close(self) -> None:
        """Write all files."""
        self._files.close()


def _demographics(story: Story) -> Iterator[Row]:
    deaths = [partial_day(death.day, month_only=death.month_only) for death in story.deaths]
    yield {
        "SUBJID": f"{story.number:06d}",
        "RFICDTC": story.diagnosed,
        "BRTHDTC": story.person.birth,
        "DTHDTC": deaths[0] if deaths else "",
        "DTHFL": "Y" if deaths else "",
        "SITEID": "001",
        "SEX": story.person.sex or "U",
        "COUNTRY": "CHN",
    }


def _exposures(story: Story) -> Iterator[Row]:
    for infusion in story.infusions:
        yield _infused(infusion)
    for day in story.blinded_doses:
        dose: Row = {"EXTRT": "SHR-1701 OR PLACEBO", "EXDOSE": 1, "EXDOSU": "VIAL", "EXDOSFRQ": _FREQUENCIES[21]}
        yield {**dose, "EXROUTE": "INTRAVENOUS", "EXSTDTC": day, "EXENDTC": day}


def _infused(infusion: Infusion) -> Row:
    return {
        "EXTRT": _spelled(infusion.drug, infusion.day),
        "EXCAT": infusion.intent or "",
        "EXSCAT": "PLANNED MAINTENANCE" if infusion.is_maintenance else "",
        "EXDOSE": infusion.mg,
        "EXDOSU": "mg",
        "EXDOSFRQ": _FREQUENCIES[infusion.cycle_days],
        "EXROUTE": "INTRAVENOUS",
        "EXADJ": "ADVERSE EVENT" if infusion.stopped_for_toxicity else "",
        "EXSTDTC": infusion.day,
        "EXENDTC": infusion.day,
    }


def _spelled(drug: str, day: date) -> str:
    spellings = FORMULARY[drug].english
    return spellings[day.day % len(spellings)]


def _not_given(story: Story) -> Iterator[Row]:
    for order in story.cancelled_orders:
        planned: Row = {"ECTRT": FORMULARY[order.drug].english[0], "ECMOOD": "SCHEDULED", "ECPRESP": "Y"}
        yield {
            **planned,
            "ECOCCUR": "N",
            "ECDOSE": order.mg or None,
            "ECDOSU": "mg",
            "ECROUTE": "INTRAVENOUS",
            "ECSTDTC": order.day,
        }


def _accountability(story: Story) -> Iterator[Row]:
    for fill in story.dispensings:
        yield {**_counted(fill), **_qualified(fill)}


def _counted(fill: Dispensing) -> Row:
    code, name = ("DISPAMT", "Dispensed Amount") if fill.units > 0 else ("RETAMT", "Returned Amount")
    units = abs(fill.units)
    about: Row = {
        "DATESTCD": code,
        "DATEST": name,
        "DACAT": "STUDY MEDICATION",
        "DASCAT": _spelled(fill.drug, fill.day),
    }
    return {**about, "DAORRES": units, "DAORRESU": "CAPSULE", "DASTRESN": units, "DADTC": fill.day}


def _qualified(fill: Dispensing) -> Row:
    """What drug accountability has no variable for."""
    stopped = fill.stopped_for_toxicity or fill.reduced_for_toxicity
    return {
        "STRENGTH": f"{fill.strength_mg} mg" if fill.strength_mg else "",
        "UNITSDAY": fill.units_per_day,
        "ADJ": "ADVERSE EVENT" if stopped else "",
        "INTENT": fill.intent or "",
        "OWNSUPP": "(own supply)" if fill.is_own_supply else "",
    }


def _medications(story: Story) -> Iterator[Row]:
    for course in story.elsewhere:
        for name in [course.acronym] if course.acronym else [FORMULARY[drug].english[0] for drug in course.drugs]:
            months: Row = {"CMSTDTC": f"{course.start:%Y-%m}", "CMENDTC": f"{course.end:%Y-%m}"}
            yield {"CMTRT": name, "CMCAT": "PRIOR ANTI-CANCER THERAPY", **months}
    day = story.diagnosed
    taken: Row = {"CMCAT": "CONCOMITANT MEDICATION", "CMSTDTC": day, "CMENDTC": day}
    yield {"CMTRT": PREMEDICATION[0][1], "CMDOSE": 10, "CMDOSU": "mg", "CMROUTE": "INTRAVENOUS", **taken}
    yield {"CMTRT": SUPPORTIVE_CAPSULES[1], "CMROUTE": "ORAL", **taken}


def _procedures(story: Story) -> Iterator[Row]:
    for operation in story.operations:
        purpose = "CURATIVE" if operation.is_curative else "PALLIATIVE"
        done: Row = {"PRTRT": "OESOPHAGECTOMY", "PRCAT": "CANCER SURGERY", "PRINDC": purpose, "PRLOC": "ESOPHAGUS"}
        yield {**done, "PRSTDTC": operation.day, "PRENDTC": operation.day}
    for course in story.radiotherapies:
        purpose = "CURATIVE" if course.is_curative else "PALLIATIVE"
        about: Row = {"PRTRT": "EXTERNAL BEAM RADIOTHERAPY", "PRCAT": "RADIOTHERAPY", "PRINDC": purpose}
        dose: Row = {"PRDOSE": course.gray, "PRDOSU": "Gy", "PRLOC": course.organ}
        yield {**about, **dose, "PRSTDTC": course.start, "PRENDTC": course.end}


def _history(story: Story) -> Iterator[Row]:
    code = PRIMARIES[story.primary_code][0][:5]
    cancer: Row = {"MHTERM": "Cancer under study", "MHDECOD": "Neoplasm malignant", "ICD10": code}
    yield {**cancer, "MHCAT": "PRIMARY DIAGNOSIS", "MHSTDTC": story.diagnosed}
    for found in story.metastases:
        written, term = _METASTASES.get(found.organ, (found.organ.lower(), found.organ.lower()))
        named: Row = {"MHTERM": f"Metastases to {written}", "MHDECOD": f"Metastases to {term}"}
        yield {**named, "MHCAT": "METASTASES", "MHSTDTC": found.day, "ICD10": ORGANS[found.organ][0][:5]}
    for day in story.relapses:
        relapse: Row = {"MHTERM": "Recurrence after resection", "MHDECOD": "Neoplasm recurrence"}
        yield {**relapse, "MHCAT": "RECURRENCE", "MHSTDTC": day}
    for had in story.conditions:
        is_cancer = had.code not in COMORBIDITIES
        category = "OTHER MALIGNANCY" if is_cancer else "MEDICAL HISTORY"
        code = had.code if is_cancer else COMORBIDITIES[had.code][0][:5].removesuffix(".x")
        yield {"MHTERM": "Further condition", "MHCAT": category, "MHSTDTC": had.day, "ICD10": code}


def _microscopy(story: Story) -> Iterator[Row]:
    for biopsy in story.biopsies:
        histology = biopsy.histology.replace("_", " ")
        about: Row = {"MITESTCD": "HISTPATH", "MITEST": "Histopathology", "MICAT": "HISTOPATHOLOGY", "MISPEC": "TISSUE"}
        coded: Row = {"ICDO3TOP": biopsy.site, "ICDO3MOR": f"{HISTOLOGIES[biopsy.histology][2]}/3"}
        yield {**about, "MIORRES": histology, "MISTRESC": histology.upper(), "MIDTC": biopsy.day, **coded}


def _dispositions(story: Story) -> Iterator[Row]:
    for death in story.deaths:
        day = partial_day(death.day, month_only=death.month_only)
        yield {"DSTERM": _DEATHS[death.source], "DSDECOD": "DEATH", "DSCAT": "DISPOSITION EVENT", "DSSTDTC": day}


def _stays(story: Story) -> Iterator[Row]:
    for stay in story.admissions:
        yield {"HOTERM": "HOSPITAL", "HODECOD": "HOSPITAL", "HOSTDTC": stay.start, "HOENDTC": stay.end}


def _visits(story: Story) -> Iterator[Row]:
    for call in story.follow_ups:
        visit = "TELEPHONE CALL WITH FAMILY" if call.by_phone else "FOLLOW-UP"
        mode = "TELEPHONE CALL" if call.by_phone else "IN PERSON"
        yield {"VISIT": visit, "SVCNTMOD": mode, "SVSTDTC": call.day, "SVENDTC": call.day}
    for course in story.elsewhere:
        told = course.told_on
        yield {"VISIT": "FOLLOW-UP", "SVCNTMOD": "IN PERSON", "SVSTDTC": told, "SVENDTC": told}
