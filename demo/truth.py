"""The truth about the invented patients, in files that only tests read and that never stand inside a delivery."""

import csv
from pathlib import Path

from demo.story import Story

_FACTS = (
    "age",
    "sex",
    "ecog",
    "primary_site",
    "prior_surgery",
    "prior_lines",
    "prior_ici",
    "tfi_days",
    "prior_taxane",
    "prior_platinum",
    "prior_targeted",
    "more_than_three_sites",
    "baseline_radiotherapy",
    "anlotinib_mg",
    "pd1",
    "bor",
    "first_response_date",
    "pfs_days",
    "pfs_cnsr",
    "os_days",
    "os_cnsr",
    "treatment_days",
    "treatment_status",
)
_KEYS = ("centre_id", "identifier_system", "identifier")
_PATIENTS = (
    *_KEYS,
    "label",
    "situation",
    "eligible",
    "first_failed",
    "index_date",
    *_FACTS,
    "gastric_eligible",
    "gastric_index_date",
)
_LINES = (*_KEYS, "line_seq", "start_date", "regimen", "setting", "counted")

_README = """# What is true about the invented patients

Written beside the deliveries by `demo.generate`, read by tests only.

## patients.csv: one row a patient

| column | meaning |
|---|---|
| centre_id, identifier_system, identifier | who, by the number that the centre's extract carries |
| label | row of escc87.csv, for the 87 |
| situation | what sets the patient apart |
| eligible | 1 for the 87 of the anlotinib study |
| first_failed | first criterion of rule R3.2 that is not met |
| index_date | both study drugs on board (R3.1); empty when they never are |
| gastric_eligible | 1 for gastric adenocarcinoma whose counted second line holds a PD-1 antibody |
| gastric_index_date | start of that line |

For the 87 only:

| column | meaning |
|---|---|
| age, sex, ecog | at index |
| primary_site | ICD-O-3 topography |
| prior_surgery | curative resection |
| prior_lines | counted lines before index |
| prior_ici, prior_taxane, prior_platinum, prior_targeted | any exposure before the index line |
| tfi_days | index date minus last prior ICI dose |
| more_than_three_sites | by distinct organ |
| baseline_radiotherapy | started in index -28 to 0 |
| anlotinib_mg | strength of the first record |
| pd1 | antibody of the index line |
| bor | best overall response, unconfirmed |
| first_response_date | first CR or PR |
| pfs_days, os_days | both ends counted |
| pfs_cnsr, os_cnsr | 0 event, 1 censored |
| treatment_days, treatment_status | last dose of the last component, and why it ended |

## lines.csv: one row a line of therapy, in order
- `line_seq`, `start_date` (first day of the month for courses given elsewhere), `regimen` (drug keys joined by ` + `),
  `setting` (CURATIVE or PALLIATIVE), `counted` (1/0, rule R2.5).
  Lines are given for the 87 and for patients with gastric and other cancers.
"""


class TruthWriter:
    """Writes patients.csv, lines.csv and their README as patients come."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "README.md").write_text(_README, encoding="utf-8")
        self._files = [
            (folder / name).open("w", encoding="utf-8", newline="") for name in ("patients.csv", "lines.csv")
        ]
        self._patients, self._lines = (csv.writer(file, lineterminator="\n") for file in self._files)
        self._patients.writerow(_PATIENTS)
        self._lines.writerow(_LINES)

    def write(self, story: Story, centre_id: str, system: str, identifier: str) -> None:
        """Add one patient and the lines that are certain by construction."""
        truth = story.truth
        key = (centre_id, system, identifier)
        facts = [_plain(truth.facts.get(name)) for name in _FACTS]
        head = (truth.label, truth.situation, int(truth.eligible), truth.first_failed, _plain(truth.index))
        self._patients.writerow(
            (*key, *head, *facts, int(truth.gastric_index is not None), _plain(truth.gastric_index))
        )
        if truth.eligible or not story.primary_code.startswith("C15"):
            for number, line in enumerate(sorted(story.lines, key=lambda line: line.start), start=1):
                self._lines.writerow((*key, number, line.start, line.regimen, line.setting, int(line.counted)))

    def close(self) -> None:
        """Finish both files."""
        for file in self._files:
            file.close()


def _plain(value: object) -> object:
    if value is None:
        return ""
    return int(value) if isinstance(value, bool) else value
