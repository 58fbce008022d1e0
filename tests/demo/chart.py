"""One patient of hospital A as a reviewer reads the chart: index, earlier drugs, readings, last sign of life."""

import re
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property

from tests.demo.raw_rows import (
    ANLOTINIB,
    DEAD,
    EVENTS,
    GRADES,
    ICI,
    ORAL_CHEMOTHERAPY,
    RESPONSES,
    HospitalFiles,
    Row,
    day,
    diameter,
)

CUTOFF = date(2025, 7, 5)
CAPSULES_A_BOX = 7
LIVING_ECOG = {"100": 0, "90": 1, "80": 1, "70": 2, "60": 2, "50": 3, "40": 3}


@dataclass(frozen=True)
class Chart:
    """The raw rows of one patient, and what a reviewer of them would write down for a given antibody."""

    files: HospitalFiles
    patient: str
    pd1: str

    def _rows(self, table: str) -> list[Row]:
        return self.files.rows(table, self.patient)

    @cached_property
    def given(self) -> list[tuple[date, str]]:
        """Executed orders: day and name."""
        return sorted((day(row["执行时间"]), row["医嘱名称"]) for row in self._rows("医嘱") if row["状态"] == "已执行")

    @cached_property
    def handed_out(self) -> list[tuple[date, Row]]:
        """Dispensings and returns of anlotinib."""
        rows = [row for row in self._rows("发药") if re.search(ANLOTINIB, row["药品名称"])]
        return sorted(((day(row["发药时间"]), row) for row in rows), key=lambda pair: pair[0])

    @cached_property
    def starts(self) -> tuple[date, date]:
        """First days of anlotinib and of the antibody that goes with it."""
        anlotinib = self.handed_out[0][0]
        near = [
            when for when, name in self.given if re.search(ICI[self.pd1], name) and abs((when - anlotinib).days) <= 5
        ]
        return anlotinib, near[0]

    @property
    def index(self) -> date:
        """Both drugs on board."""
        return max(self.starts)

    @property
    def first_dose(self) -> date:
        """First day of the index line."""
        return min(self.starts)

    @cached_property
    def earlier_names(self) -> list[str]:
        """Names of everything given, taken home or told about before the index line."""
        names = [name for when, name in self.given if when < self.first_dose]
        names += [row["药品名称"] for row in self._rows("发药") if day(row["发药时间"]) < self.first_dose]
        return names + [row["外院治疗"] for row in self._rows("随访")]

    def had(self, pattern: str) -> bool:
        """Whether a drug of that name came before the index line."""
        return any(re.search(pattern, name) for name in self.earlier_names)

    @property
    def days_since_ici(self) -> int | None:
        """Index date minus the last earlier dose of any checkpoint inhibitor."""
        doses = [
            when for when, name in self.given if when < self.first_dose and re.search("|".join(ICI.values()), name)
        ]
        return (self.index - doses[-1]).days if doses else None

    @cached_property
    def readings(self) -> list[tuple[date, str]]:
        """The investigator's readings after index and up to the cutoff."""
        found = []
        for row in self._rows("疗效评价"):
            when = day(row["评价日期"])
            if row["评价人"] == "主管医师" and self.index < when <= CUTOFF:
                found.append((when, RESPONSES.get(row["疗效"], row["疗效"])))
        return sorted(found)

    @property
    def progression(self) -> date | None:
        """First reading of progression after index."""
        return next((when for when, response in self.readings if response == "PD"), None)

    @cached_property
    def death(self) -> date | None:
        """Day of death: registry before front page before follow-up; a month alone is read as its fifteenth."""
        days = [day(row["死亡日期"]) for row in self.files.registered_deaths(self.patient)]
        days += [day(row["出院日期"]) for row in self.files.stays(self.patient) if row["离院方式"] == DEAD]
        for row in self._rows("随访"):
            if row["生存状态"] == "死亡" and not days:
                text = row["死亡日期"]
                days.append(day(text if "日" in text else f"{text}15日"))
        return next((when for when in days if when <= CUTOFF), None)

    @property
    def pfs_end(self) -> tuple[date, bool]:
        """Progression or death, else the last evaluable reading, and whether it is an event."""
        events = [when for when in (self.progression, self.death) if when]
        if events:
            return min(events), True
        return max(when for when, response in self.readings if response in ("CR", "PR", "SD")), False

    @property
    def last_alive(self) -> date:
        """Latest proof of life up to the cutoff."""
        proofs = [when for when, _ in self.given]
        for table, column in (("影像检查", "检查日期"), ("护理记录", "记录时间"), ("检验结果", "采样时间")):
            proofs += [day(row[column]) for row in self._rows(table) if "02-30" not in row[column]]
        proofs += [
            day(row["随访日期"])
            for row in self._rows("随访")
            if row["生存状态"] == "存活" and "2月30日" not in row["随访日期"]
        ]
        proofs += [day(row["出院日期"]) for row in self.files.stays(self.patient) if row["离院方式"] != DEAD]
        return max(when for when in proofs if when <= CUTOFF)

    @property
    def best_response(self) -> str:
        """Best reading until progression, or until radiotherapy of the gullet; stable counts from day 42 on."""
        radiotherapy = [day(row["开始日期"]) for row in self._rows("放疗") if row["部位"] == "食管"]
        ends = [when for when in (self.progression, *radiotherapy) if when and when > self.index]
        seen = [(when, response) for when, response in self.readings if when <= min(ends, default=CUTOFF)]
        if any(response == "PR" for _, response in seen):
            return "PR"
        if any(response == "SD" and (when - self.index).days >= 42 for when, response in seen):
            return "SD"
        return "PD" if any(response == "PD" for _, response in seen) else "NE"

    @property
    def baseline_ecog(self) -> int:
        """Latest note of the four weeks before index; the worst of one day."""
        notes = []
        for row in self._rows("护理记录"):
            when = day(row["记录时间"])
            if (row["ECOG"] or row["KPS"]) and self.index - timedelta(28) <= when <= self.index:
                notes.append((when, int(row["ECOG"]) if row["ECOG"] else LIVING_ECOG[row["KPS"]]))
        return max(notes)[1]

    @property
    def organs(self) -> set[str]:
        """Secondary tumours coded up to a week after index, by organ."""
        codes = set()
        for row in self.files.stays(self.patient):
            if day(row["入院日期"]) <= self.index + timedelta(7):
                codes |= {
                    text for name, text in row.items() if name.startswith("其他诊断编码") and re.match("C7[789]", text)
                }
        return {code[:5] for code in codes}

    @property
    def has_baseline_radiotherapy(self) -> bool:
        """Radiotherapy that started in the four weeks up to index."""
        starts = [day(row["开始日期"]) for row in self._rows("放疗")]
        return any(self.index - timedelta(28) <= start <= self.index for start in starts)

    @cached_property
    def sums(self) -> list[tuple[date, int]]:
        """The investigator's sums of target diameters in mm, of days on which every target had one."""
        days: dict[date, list[int | None]] = {}
        for row in self._rows("病灶测量"):
            if row["类别"] == "靶" and row["测量者"] == "主管医师":
                days.setdefault(day(row["检查日期"]), []).append(diameter(row))
        known = {when: [mm for mm in sizes if mm is not None] for when, sizes in days.items()}
        return sorted((when, sum(known[when])) for when, sizes in days.items() if len(known[when]) == len(sizes))

    @property
    def best_change(self) -> int | None:
        """Smallest sum after index and up to progression, in percent of baseline."""
        until = self.progression or CUTOFF
        after = [total for when, total in self.sums if self.index < when <= until]
        return round(100 * min(after) / self.sums[0][1]) - 100 if after else None

    @property
    def related_events(self) -> dict[str, int]:
        """Worst grade by term of events in the treatment that nobody called unrelated."""
        last_dose = max(self.last_capsule, *(when for when, name in self.given if self.is_antibody(name)))
        worst: dict[str, int] = {}
        for row in self._rows("不良反应"):
            begun = day(
                row["开始日期"] if row["开始日期"].count("日") or "-" in row["开始日期"] else f"{row['开始日期']}28日"
            )
            emergent = self.index <= begun <= last_dose + timedelta(30) and begun < (self.next_line or CUTOFF)
            if emergent and not row["与药物关系"].endswith("无关"):
                column = next(
                    (name for name, words in EVENTS.items() if re.search(words, row["不良反应名称"])), "other"
                )
                worst[column] = max(worst.get(column, 0), GRADES[row["CTCAE分级"]])
        return worst

    @property
    def next_line(self) -> date | None:
        """First day of an anticancer drug that is none of the index line's."""
        later = [when for when, name in self.given if when > self.index and not self.is_antibody(name)]
        later += [day(row["发药时间"]) for row in self._rows("发药") if re.search(ORAL_CHEMOTHERAPY, row["药品名称"])]
        return min((when for when in later if when > self.index), default=None)

    def is_antibody(self, name: str) -> bool:
        """Whether a name is the index antibody's."""
        return re.search(ICI[self.pd1], name) is not None

    @property
    def last_capsule(self) -> date:
        """Last day of intake when fourteen days on and seven off start anew with each supply that comes late."""
        start, left = self.handed_out[0][0], 0
        for when, row in self.handed_out:
            count = int(row["数量"]) * (CAPSULES_A_BOX if row["单位"] == "盒" else 1)
            covered = start + timedelta(left // 14 * 21 + left % 14)
            if count > 0 and when > covered:
                start, left = when, 0
            left += count
        return start + timedelta((left - 1) // 14 * 21 + (left - 1) % 14)
