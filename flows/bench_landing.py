"""`oncomart bench --landing`: how fast large extracts land, beside a plain DuckDB COPY of the same files to Parquet."""

import multiprocessing
import resource
import sys
import tempfile
import time
import tomllib
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import duckdb

from flows.console import Terminal, aligned, count
from models.config import Settings
from models.errors import Fault
from models.mapping import CentreConfig
from warehouse import Home, LocatedCentre, land
from warehouse.engine import connect

ROOT = Path(__file__).resolve().parent.parent
EXTRACT_DATE = "2025-07-05"
BLOCK_CHARACTERS = 4 << 20
ROWS_A_PATIENT = 1_000

NOTE = """\
Laboratory results of hospital A's shape, 2 of 10,000 rows without a patient and 5 without a day that the calendar has.
Ratio: seconds of landing over the mean of the copy before and the copy after it. DuckDB reads no GB18030: its copy is
that of the same rows in UTF-8. Peak: largest resident set of the process.
"""

# Every value is a hash of the row's number, so the same rows come out on any machine.
EXTRACT = f"""
    WITH tests (test_no, code, name, unit, limits, low, span) AS (VALUES
        (0, 'ALT', '丙氨酸氨基转移酶', 'U/L', '9-50', 7, 60),
        (1, 'AST', '天门冬氨酸氨基转移酶', 'U/L', '15-40', 10, 45),
        (2, 'TBIL', '总胆红素', 'umol/L', '≤23', 4, 25), (3, 'ALB', '白蛋白', 'g/L', '40-55', 30, 25),
        (4, 'CREA', '肌酐', 'umol/L', '57-97', 45, 70), (5, 'K', '钾', 'mmol/L', '3.5-5.3', 3, 3),
        (6, 'NA', '钠', 'mmol/L', '137-147', 130, 20), (7, 'WBC', '白细胞', '10^9/L', '3.5-9.5', 2, 10),
        (8, 'HB', '血红蛋白', 'g/L', '男:130-175', 90, 90), (9, 'PLT', '血小板', '10^9/L', '125-350', 80, 300),
        (10, 'NEUT', '中性粒细胞', '10^9/L', '1.8-6.3', 1, 7), (11, 'U-PRO', '尿蛋白', NULL, '阴性', 0, 0)),
    numbered AS (
        SELECT row_no, hash(row_no, 1) AS chance, hash(row_no, 2) AS other, (hash(row_no, 3) % 12)::INTEGER AS test_no,
            TIMESTAMP '2019-01-01 06:30:00' + to_minutes((hash(row_no, 4) % 3000000)::INTEGER) AS taken_at
        FROM range($rows) AS numbers (row_no)
    )
    SELECT 'BB' || lpad(row_no::VARCHAR, 9, '0') AS 标本号,
        CASE WHEN chance % 5000 > 0 THEN (2000000 + (row_no // {ROWS_A_PATIENT}) * 7)::VARCHAR END AS 患者ID,
        CASE WHEN other % 2000 > 0 THEN strftime(taken_at, '%Y-%m-%d %H:%M:%S') ELSE '2023-02-30' END AS 采样时间,
        strftime(taken_at + INTERVAL 225 MINUTE, '%Y-%m-%d %H:%M:%S') AS 报告时间, code AS 项目代码, name AS 项目名称,
        CASE WHEN span = 0 THEN ['阴性', '+', '3+'][1 + (chance % 3)::INTEGER] WHEN chance % 100 = 1 THEN '<0.5'
            ELSE printf('%.2f', low + (other % 1000) * span / 1000.0) END AS 结果,
        unit AS 单位, limits AS 参考范围, ['↑', '↓', NULL, NULL, NULL][1 + (other % 5)::INTEGER] AS 异常标志
    FROM numbered JOIN tests USING (test_no) ORDER BY row_no
"""


@dataclass(frozen=True)
class Cost:
    """What a piece of work took: wall and processor seconds, and the largest resident set of its process in MiB."""

    seconds: float
    processor_seconds: float
    peak_mib: float


@dataclass(frozen=True)
class Landing:
    """One file landed between two plain copies; `quarantined` counts its bad records."""

    format: str
    rows: int
    before: Cost
    landing: Cost
    after: Cost
    quarantined: int

    @property
    def ratio(self) -> float:
        """Wall seconds of landing over those of a plain copy."""
        return 2 * self.landing.seconds / (self.before.seconds + self.after.seconds)

    @property
    def processor_ratio(self) -> float:
        """Processor seconds of landing over those of a plain copy; other work on the machine moves it less."""
        return 2 * self.landing.processor_seconds / (self.before.processor_seconds + self.after.processor_seconds)


def run_landing_bench(rows: int, memory_limit: str | None = None) -> int:
    """Land each format once and print one table; returns the exit code.

    Raises:
        Fault: an extract did not land.
    """
    terminal = Terminal()
    settings = Settings() if memory_limit is None else Settings(memory_limit=memory_limit)
    landings = []
    with tempfile.TemporaryDirectory(prefix="oncomart-bench-") as folder:
        with terminal.step(f"write extracts of {count(rows, 'row')}"):
            extracts = write_extracts(Path(folder), rows)
        for name, file, copied in extracts:
            with terminal.step(f"land {name}"):
                landings.append(_measured(name, rows, file, copied, settings))
    sys.stdout.write(landing_table(landings) + "\n" + NOTE)
    return 0


def write_extracts(folder: Path, rows: int) -> tuple[tuple[str, Path, Path], ...]:
    """Write the same rows in every format; name, file to land and file to copy of each."""
    parquet, text, gb18030 = (folder / name for name in ("labs.parquet", "labs.csv", "labs_gb18030.csv"))
    with duckdb.connect() as connection:
        connection.execute(f"COPY ({EXTRACT}) TO '{parquet}' (FORMAT parquet)", {"rows": rows})
        connection.execute(f"COPY (FROM '{parquet}') TO '{text}' (FORMAT csv, HEADER)")
    with (
        text.open(encoding="utf-8", newline="") as written,
        gb18030.open("w", encoding="gb18030", newline="") as target,
    ):
        while block := written.read(BLOCK_CHARACTERS):
            target.write(block)
    return ("CSV", text, text), ("CSV in GB18030", gb18030, text), ("Parquet", parquet, parquet)


def _measured(name: str, rows: int, file: Path, copied: Path, settings: Settings) -> Landing:
    _, before = _timed(_copy, copied, settings)
    # In a process of its own: a peak of memory is never taken back.
    with ProcessPoolExecutor(max_workers=1, mp_context=multiprocessing.get_context("spawn")) as process:
        quarantined, landing = process.submit(_timed, _land, file, settings).result()
    _, after = _timed(_copy, copied, settings)
    return Landing(name, rows, before, landing, after, quarantined)


def _timed(work: Callable[[Path, Settings], int], file: Path, settings: Settings) -> tuple[int, Cost]:
    started, processor_started = time.monotonic(), time.process_time()
    result = work(file, settings)
    seconds, processor_seconds = time.monotonic() - started, time.process_time() - processor_started
    return result, Cost(seconds, processor_seconds, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)


def _copy(file: Path, settings: Settings) -> int:
    with connect(None, settings) as connection, tempfile.TemporaryDirectory(dir=file.parent) as folder:
        connection.execute(f"COPY (FROM '{file}') TO '{folder}/copy.parquet' (FORMAT parquet)")
    return 0


def _land(file: Path, settings: Settings) -> int:
    """Land one file as a delivery of a centre of its own; returns the records in quarantine."""
    with tempfile.TemporaryDirectory(dir=file.parent) as folder:
        root = Path(folder)
        delivery = root / "deliveries" / EXTRACT_DATE
        delivery.mkdir(parents=True)
        (delivery / file.name).hardlink_to(file)
        centre = LocatedCentre(_config(file.name), root, root / "deliveries")
        report = land(Home(root / "home"), centre, settings)
        if report.problems or not report.rows_landed:
            raise Fault("\n".join(("The extract did not land.", *report.problems)))
        return report.rows_quarantined


def _config(file: str) -> CentreConfig:
    table = tomllib.loads((ROOT / "centres" / "hospital_a" / "tables" / "lab.toml").read_text(encoding="utf-8"))
    encoding = "gb18030" if "gb18030" in file else "utf-8"
    centre = {
        "id": "bench",
        "name": "Benchmark",
        "deliveries": {"path": "deliveries"},
        "source": {"labs": {"files": [file], "encoding": encoding}},
    }
    return CentreConfig.model_validate({"centre": centre, "tables": [table]})


def landing_table(landings: Sequence[Landing]) -> str:
    """One row a format: seconds, rows a second, ratios, memory, and what went to quarantine."""
    head = ["format", "rows", "copy s", "landing s", "copy s", "rows/s", "ratio", "processor ratio", "peak MiB"]
    rows = [[*head, "quarantined"]]
    for one in landings:
        seconds = [f"{cost.seconds:.1f}" for cost in (one.before, one.landing, one.after)]
        rows.append(
            [
                one.format,
                f"{one.rows:,}",
                *seconds,
                f"{one.rows / one.landing.seconds:,.0f}",
                f"{one.ratio:.1f}",
                f"{one.processor_ratio:.1f}",
                f"{one.landing.peak_mib:,.0f}",
                f"{one.quarantined:,}",
            ]
        )
    return aligned(rows)
