"""Landing of free text by a vocabulary: the codes that land, and what is left open and how it is told."""

from pathlib import Path

from tests.warehouse.hospital import Hospital, one_cell
from warehouse import committed_batches
from warehouse.accounting import PhraseGap

HISTOLOGY = {"column": "cell", "vocabulary": "histology"}


def gaps(hospital: Hospital) -> list[PhraseGap]:
    """What the newest delivery left open."""
    return list(committed_batches(hospital.home)[-1].phrase_gaps)


def test_what_is_affirmed_lands_and_nothing_else(tmp_path: Path) -> None:
    """A cell read by a vocabulary lands its code; doubt, denial and silence land as unknown, never as a guess."""
    values = ["食管鳞癌", "可疑鳞癌", "未见癌", "送检组织过少", "鳞癌与小细胞癌", "不详"]
    hospital = one_cell(tmp_path, "pathology", "icdo_morphology", HISTOLOGY, values)
    assert hospital.land().problems == ()
    landed = hospital.rows("pathology", "source_row", "icdo_morphology")
    assert landed == [(2, "8070"), (3, None), (4, None), (5, None), (6, None), (7, None)]
    assert {gap.reason for gap in gaps(hospital)} == {"UNCERTAIN", "NEGATED", "UNMATCHED", "SEVERAL"}


def test_a_denial_may_have_a_value_of_its_own(tmp_path: Path) -> None:
    """`if_denied` is what a text that only denies stands for."""
    cell = {"column": "cell", "vocabulary": "behaviour", "if_denied": "0"}
    hospital = one_cell(tmp_path, "pathology", "behaviour", cell, ["鳞癌", "未见癌", "可疑癌"])
    hospital.land()
    assert hospital.rows("pathology", "source_row", "behaviour") == [(2, "3"), (3, "0"), (4, None)]


def test_a_text_is_shown_only_where_several_patients_share_it(tmp_path: Path) -> None:
    """Five patients with the same words show them; four, a long number or a long text are counted without them."""
    shared, few, numbered, long = "组织过少", "甲某的标本", "电话13800001234", "很" * 61
    values = [shared] * 5 + [few] * 4 + [numbered] * 6 + [long] * 7
    hospital = one_cell(tmp_path, "pathology", "icdo_morphology", HISTOLOGY, values)
    hospital.land()
    told = [(gap.reason, gap.text, gap.rows, gap.patients, gap.file, gap.row) for gap in gaps(hospital)]
    assert told == [("UNMATCHED", None, 17, 17, "file.csv", 7), ("UNMATCHED", shared, 5, 5, "file.csv", 2)]
    for path in hospital.root.joinpath("home").rglob("*"):
        if path.is_file():
            assert few.encode() not in path.read_bytes()


def test_a_remark_that_talks_of_something_else_is_no_gap(tmp_path: Path) -> None:
    """With may_be_silent a text without any phrase is not on the worklist; a doubted one still is."""
    cell = {"column": "cell", "vocabulary": "intent", "may_be_silent": True}
    hospital = one_cell(
        tmp_path, "procedure", "intent", cell, ["联系家属", "未行根治", "可能根治", "根治性"], kind={"constant": "RT"}
    )
    hospital.land()
    assert [gap.reason for gap in gaps(hospital)] == ["UNCERTAIN"]
    assert [row[1] for row in hospital.rows("procedure", "source_row", "intent")] == [None, None, None, "CURATIVE"]


def test_a_told_treatment_becomes_a_record_for_each_drug_and_each_procedure(tmp_path: Path) -> None:
    """Several feeds read one note for their own family; what none of them takes up is skipped and counted once."""
    patient = {"column": "id", "system": "HIS"}
    drugs = {
        "source": "calls",
        "explode": {"column": "note", "vocabulary": "treatment_elsewhere", "family": "DRUG"},
        "columns": {"patient_id": patient, "source_kind": {"constant": "HISTORY"}, "raw_name": "note"},
    }
    procedures = {
        "source": "calls",
        "explode": {"column": "note", "vocabulary": "treatment_elsewhere", "family": "PROCEDURE"},
        "columns": {"patient_id": patient, "kind": "note"},
    }
    tables = [{"table": "drug_row", "feed": [drugs]}, {"table": "procedure", "feed": [procedures]}]
    hospital = Hospital(tmp_path, {"calls": {"files": ["calls.csv"]}}, tables)
    notes = ["外院行紫杉醇+顺铂方案化疗", "外院放疗", "外院化疗及放疗", "拒绝化疗", "外院理疗", "不详"]
    rows = [["id", "note"], *([str(number), note] for number, note in enumerate(notes))]
    hospital.deliver("2025-07-05", "calls.csv", rows)
    report = hospital.land()
    assert report.problems == ()
    assert hospital.rows("drug_row", "source_row", "raw_name") == [
        (2, "cisplatin"),
        (2, "paclitaxel"),
        (4, "systemic therapy, drug not named"),
    ]
    assert hospital.rows("procedure", "source_row", "kind") == [(3, "RT"), (4, "RT")]
    (file,) = report.deliveries[0].files
    assert (file.read, file.used, sum(file.skipped.values())) == (6, 3, 3)
    assert [(gap.reason, gap.rows) for gap in gaps(hospital)] == [("NEGATED", 1), ("UNMATCHED", 1)]


def test_a_refused_file_leaves_no_gap(tmp_path: Path) -> None:
    """A file that cannot be read to its end lands nothing and asks nothing."""
    hospital = one_cell(tmp_path, "pathology", "icdo_morphology", HISTOLOGY, ["组织过少"])
    path = hospital.deliver("2025-07-05", "file.csv", "id,cell\n1,组织过少\n")
    path.write_bytes(path.read_bytes() + b"2,\xff\xfe\xff\n")
    assert hospital.land().problems
    assert gaps(hospital) == []
