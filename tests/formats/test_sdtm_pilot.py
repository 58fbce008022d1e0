"""CDISC SDTM as others write it: public pilot data, and the stories in both kinds of file.

The rows of PILOT are facts from pharmaversesdtm 1.3.0 (Apache License 2.0), inst/extdata: dm.csv, ex.csv, ds.csv,
tu_onco_recist.csv, tr_onco_recist.csv and rs_onco_recist.csv, of subjects 01-701-1015, 01-701-1028 and 01-701-1211, in
part and without some columns. NA is R's missing value.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Literal

import pytest

from demo import tell
from demo.hospital_sdtm import HospitalSdtm
from models.contract import CONTRACT
from models.mapping import Source
from tests.formats.trial import Row, Trial
from warehouse.intake.contents import Content
from warehouse.intake.readers import open_source

FEW_STORIES = (79, 90, 96, 104, 131)
"""Among them dispensings, treatment elsewhere, both readers and every kind of lesion."""

PILOT = {
    "dm": """STUDYID,DOMAIN,USUBJID,DTHDTC,DTHFL,BRTHDTC,AGE,AGEU,SEX
CDISCPILOT01,DM,01-701-1015,NA,NA,1950-12-26,63,YEARS,F
CDISCPILOT01,DM,01-701-1211,2013-01-14,Y,1936-10-30,76,YEARS,F
""",
    "ex": """STUDYID,DOMAIN,USUBJID,EXSEQ,EXTRT,EXDOSE,EXDOSU,EXDOSFRM,EXDOSFRQ,EXROUTE,EXSTDTC,EXENDTC
CDISCPILOT01,EX,01-701-1015,1,PLACEBO,0,mg,PATCH,QD,TRANSDERMAL,2014-01-02,2014-01-16
CDISCPILOT01,EX,01-701-1211,1,XANOMELINE,54,mg,PATCH,QD,TRANSDERMAL,2012-11-15,2012-11-28
CDISCPILOT01,EX,01-701-1211,2,XANOMELINE,54,mg,PATCH,QD,TRANSDERMAL,2012-11-29,2013-01-12
""",
    "ds": """STUDYID,DOMAIN,USUBJID,DSSEQ,DSSPID,DSTERM,DSDECOD,DSCAT,DSDTC,DSSTDTC
CDISCPILOT01,DS,01-701-1015,2,NA,PROTOCOL COMPLETED,COMPLETED,DISPOSITION EVENT,2014-07-02,2014-07-02
CDISCPILOT01,DS,01-701-1211,3,18,DEATH,DEATH,DISPOSITION EVENT,2013-01-14,2013-01-14
""",
    "tu": """DOMAIN,STUDYID,USUBJID,VISIT,TULOC,TUTESTCD,TUORRES,TUMETHOD,TULNKID,TUEVAL,TUEVALID,TUACPTFL,TUSEQ
TU,CDISCPILOT01,01-701-1015,SCREENING,ADRENAL GLAND,TUMIDENT,TARGET,CT SCAN,T01,INDEPENDENT ASSESSOR,RADIOLOGIST 1,Y,1
TU,CDISCPILOT01,01-701-1015,SCREENING,LYMPH NODE,TUMIDENT,TARGET,CT SCAN,T02,INDEPENDENT ASSESSOR,RADIOLOGIST 1,Y,2
TU,CDISCPILOT01,01-701-1015,SCREENING,ADRENAL GLAND,TUMIDENT,TARGET,CT SCAN,T01,INVESTIGATOR,NA,NA,9
TU,CDISCPILOT01,01-701-1015,SCREENING,LYMPH NODE,TUMIDENT,TARGET,CT SCAN,T02,INVESTIGATOR,NA,NA,10
""",
    "tr": """DOMAIN,STUDYID,USUBJID,TRLNKID,TRTESTCD,TRORRES,TRSTRESC,VISIT,TREVAL,TREVALID,TRACPTFL,TRDTC,TRSEQ
TR,CDISCPILOT01,01-701-1015,T01,LDIAM,21,21,SCREENING,INDEPENDENT ASSESSOR,RADIOLOGIST 1,Y,2014-01-02,1
TR,CDISCPILOT01,01-701-1015,T02,LPERP,32.32,32.32,SCREENING,INDEPENDENT ASSESSOR,RADIOLOGIST 1,Y,2014-01-02,2
TR,CDISCPILOT01,01-701-1015,T01,LPERP,20.37,20.37,SCREENING,INDEPENDENT ASSESSOR,RADIOLOGIST 1,Y,2014-01-02,5
TR,CDISCPILOT01,01-701-1015,T02,LDIAM,33.6128,33.6128,SCREENING,INDEPENDENT ASSESSOR,RADIOLOGIST 1,Y,2014-01-02,6
TR,CDISCPILOT01,01-701-1015,T01,LDIAM,21.63,21.63,SCREENING,INDEPENDENT ASSESSOR,RADIOLOGIST 2,NA,2014-01-02,9
TR,CDISCPILOT01,01-701-1015,T01,LDIAM,21,21,SCREENING,INVESTIGATOR,NA,NA,2014-01-02,17
TR,CDISCPILOT01,01-701-1015,T02,LPERP,32,32,SCREENING,INVESTIGATOR,NA,NA,2014-01-02,18
TR,CDISCPILOT01,01-701-1015,T01,LDIAM,20,20,WEEK 6,INVESTIGATOR,NA,NA,2014-02,57
TR,CDISCPILOT01,01-701-1015,T01,LDIAM,0,0,WEEK 9,INVESTIGATOR,NA,NA,2014-03-06,77
TR,CDISCPILOT01,01-701-1015,T02,LPERP,7,7,WEEK 9,INVESTIGATOR,NA,NA,2014-03-06,78
""",
    "rs": """DOMAIN,STUDYID,USUBJID,VISITNUM,VISIT,RSTESTCD,RSORRES,RSSTRESC,RSEVAL,RSEVALID,RSACPTFL,RSDTC,RSSEQ
RS,CDISCPILOT01,01-701-1015,3,WEEK 6,OVRLRESP,NE,NE,INVESTIGATOR,NA,NA,2014-02,6
RS,CDISCPILOT01,01-701-1028,3,WEEK 6,OVRLRESP,NE,NE,INDEPENDENT ASSESSOR,RADIOLOGIST 1,NA,2013-08-30,4
RS,CDISCPILOT01,01-701-1028,3,WEEK 6,OVRLRESP,PD,PD,INDEPENDENT ASSESSOR,RADIOLOGIST 2,Y,2013-08-30,5
RS,CDISCPILOT01,01-701-1028,3,WEEK 6,OVRLRESP,PD,PD,INVESTIGATOR,NA,NA,2013-08-30,6
""",
}


@pytest.fixture(scope="module")
def pilot(tmp_path_factory: pytest.TempPathFactory) -> Trial:
    """The public pilot data, landed."""
    trial = Trial(tmp_path_factory.mktemp("pilot"))
    trial.deliver(PILOT)
    assert not trial.land().problems
    return trial


@pytest.mark.parametrize(
    ("table", "columns", "expected"),
    [
        ("patient", "birth_ym, sex", [("1936-10", "F"), ("1950-12", "F")]),
        ("death", "source, date_text, cause", [("HOSPITAL", "2013-01-14", None)]),
        (
            "drug_row",
            "source_kind, raw_name, dose::int, dose_unit, route, start_text, end_text",
            [
                ("ADMIN", "XANOMELINE", 54, "mg", "TOPICAL", "2012-11-15", "2012-11-28"),
                ("ADMIN", "XANOMELINE", 54, "mg", "TOPICAL", "2012-11-29", "2013-01-12"),
            ],
        ),
        (
            "lesion",
            "reader, lesion_id, tp, scan_date, organ, is_node, status, mm::double",
            [
                ("IND", "T01", "SCREENING", "2014-01-02", "ADRENAL", "N", "MEASURED", 21.0),
                ("IND", "T02", "SCREENING", "2014-01-02", None, "Y", "MEASURED", 32.32),
                ("INV", "T01", "SCREENING", "2014-01-02", "ADRENAL", "N", "MEASURED", 21.0),
                ("INV", "T01", "WEEK 6", "2014-02", "ADRENAL", "N", "MEASURED", 20.0),
                ("INV", "T01", "WEEK 9", "2014-03-06", "ADRENAL", "N", "ABSENT", None),
                ("INV", "T02", "SCREENING", "2014-01-02", None, "Y", "MEASURED", 32.0),
                ("INV", "T02", "WEEK 9", "2014-03-06", None, "Y", "MEASURED", 7.0),
            ],
        ),
        (
            "response",
            "reader, tp, response_date, response",
            [
                ("IND", "WEEK 6", "2013-08-30", "PD"),
                ("INV", "WEEK 6", "2013-08-30", "PD"),
                ("INV", "WEEK 6", "2014-02", "NE"),
            ],
        ),
    ],
    ids=lambda value: value if isinstance(value, str) and value in CONTRACT else "",
)
def test_pilot_data_by_hand(pilot: Trial, table: str, columns: str, expected: Sequence[Row]) -> None:
    """Public trial data become the contract rows that a reader of them would write.

    Long axes count for organs and short ones for nodes, the reading that was accepted of two, no dose of placebo, and a
    plain LYMPH NODE is of no region.
    """
    assert pilot.rows(table, columns) == list(expected)


def test_transport_files_and_text_are_read_as_the_same(tmp_path: Path) -> None:
    """Every domain reads as the same text, column by column and row by row, from .csv and from .xpt."""
    suffixes: tuple[Literal[".csv", ".xpt"], ...] = (".csv", ".xpt")
    for suffix in suffixes:
        writer = HospitalSdtm(tmp_path, suffix)
        for number in FEW_STORIES:
            writer.write(tell(number))
        writer.close()
    domains = sorted(path.stem for path in tmp_path.glob("*.csv"))
    assert {"dm", "ex", "da", "lb", "tr", "suppda"} <= set(domains)
    for domain in domains:
        text, transport = (_read(tmp_path / f"{domain}{suffix}") for suffix in suffixes)
        assert transport == text


def _read(path: Path) -> dict[str, list[str]]:
    reader = open_source(Content(path, path.name), path.name, Source(files=[path.name]))
    columns: dict[str, list[str]] = {name: [] for name in reader.names}
    for batch in reader.batches(reader.names):
        for name, values in columns.items():
            values += batch.column(name).to_pylist()
    reader.close()
    return columns
