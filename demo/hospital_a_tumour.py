"""How hospital A writes down the tumour: imaging, responses of two readers, and lesions measured one by one."""

from collections.abc import Iterator
from datetime import timedelta
from random import Random

from demo.story import Lesion, Scan, Story
from demo.vocabulary import SITES

IMAGING = ("检查号", "患者ID", "检查日期", "报告日期", "检查类型", "检查部位", "影像所见", "影像诊断")
RESPONSES = ("患者ID", "评价日期", "基线日期", "靶病灶直径和", "疗效", "评价人")
LESIONS = ("患者ID", "检查日期", "病灶编号", "部位", "类别", "长径mm", "短径mm", "状态", "测量者", "")

_WORDS = {
    "PD": ("PD", "进展"),
    "PR": ("PR", "部分缓解"),
    "SD": ("SD", "稳定"),
    "NE": ("未评",),
    "CR": ("CR", "完全缓解"),
}
_READERS = {"INV": "主管医师", "IND": "影像科独立评估"}
_MODALITIES = {"CT": "CT增强", "MRI": "MRI"}
_REGIONS = {"CHEST": "胸部", "ABDOMEN": "腹部", "BRAIN": "头颅"}
_SEEN_IN = {
    "CHEST": ("LUNG", "PLEURA"),
    "ABDOMEN": ("LIVER", "ADRENAL", "PERITONEUM", "DISTANT_LN"),
}
_ROLES = {"TARGET": "靶", "NONTARGET": "非靶", "NEW": "新"}
_STATES = {
    "MEASURED": "可测",
    "TSTM": "过小",
    "ABSENT": "消失",
    "NE": "无法评估",
    "CR": "消失",
    "NONCR": "存在",
    "PD": "明确进展",
    "EQUIVOCAL": "可疑",
    "UNEQUIVOCAL": "明确",
}

Row = tuple[object, ...]


def scan_rows(story: Story, patient: str) -> Iterator[Row]:
    """Every imaging study, reported a day later; every fourth patient's reports on the trunk tell of metastases."""
    for number, scan in enumerate(story.scans):
        study = f"YX{story.number:06d}{number:03d}"
        days = (f"{scan.day:%Y%m%d}", f"{scan.day + timedelta(1):%Y%m%d}")
        is_told = story.number % 4 == 1 and scan.region in _SEEN_IN
        text = _impression(story, scan) if is_told else scan.finding
        yield (study, patient, *days, _MODALITIES[scan.modality], _REGIONS[scan.region], "详见报告", text)


def _impression(story: Story, scan: Scan) -> str:
    """What is known on the day is affirmed, what is not is denied or doubted."""
    known = {found.organ for found in story.metastases if found.day <= scan.day}
    looked_at = _SEEN_IN[scan.region]
    seen = [SITES[organ] for organ in looked_at if organ in known]
    rest = [SITES[organ] for organ in looked_at if organ not in known]
    parts = [f"{'及'.join(seen)}多发转移"] if seen else []
    if rest:
        parts.append(f"{rest[0]}转移待排" if story.number % 3 == 0 else f"{'、'.join(rest)}未见转移")
    return "; ".join([scan.finding, *parts])


def response_rows(story: Story, patient: str, rng: Random) -> Iterator[Row]:
    """Responses in two languages; now and then a row was saved twice."""
    for seen in story.assessments:
        word = rng.choice(_WORDS[seen.response])
        total = "" if seen.sum_mm is None else seen.sum_mm
        row = (patient, seen.day, seen.baseline, total, word, _READERS[seen.reader])
        yield row
        if rng.random() < 0.03:
            yield row


def lesion_rows(story: Story, patient: str, rng: Random) -> Iterator[Row]:
    """A row a lesion and scan; long and short axis, the long one in centimetres in the hands of some."""
    in_centimetres = rng.random() < 0.15
    for seen in story.lesions:
        where = (patient, f"{seen.day:%Y/%m/%d}", seen.lesion, SITES[seen.organ], _ROLES[seen.role])
        yield (*where, *_axes(seen, in_centimetres), _STATES[seen.state], _READERS[seen.reader])


def _axes(seen: Lesion, in_centimetres: bool) -> tuple[object, object]:
    if seen.mm is None:
        return "", ""
    if seen.is_node:
        return seen.mm + 5, seen.mm
    return (f"{seen.mm / 10:.1f}cm" if in_centimetres else seen.mm), max(seen.mm - 3, 1)
