"""What the benchmark says about models, and what a refresh keeps for it."""

import csv
import io
import time
from pathlib import Path

import pytest

from flows.bench import Measurement, ModelCost, configuration, model_table, read_models, show
from flows.bench_landing import Cost, Landing, landing_table, run_landing_bench
from flows.console import Terminal
from flows.memory import MemoryWatch
from models.config import Settings
from warehouse import load_config


def test_a_refresh_keeps_the_cost_of_every_model(demo_home: Path) -> None:
    """state/models.csv names each model of the build once, with seconds and memory."""
    with (demo_home / "state" / "models.csv").open(encoding="utf-8") as lines:
        names = [row["model"] for row in csv.DictReader(lines)]
    assert len(names) == len(set(names))
    assert {"int_lines_of_therapy", "survival_times"} <= set(names)
    costs = read_models(demo_home / "state" / "models.csv")
    assert [cost.seconds for cost in costs] == sorted((cost.seconds for cost in costs), reverse=True)
    assert costs[0].peak_mib > 0


def test_a_model_that_takes_more_than_a_quarter_is_pointed_at() -> None:
    """Shares are of all models' seconds, and only what exceeds a quarter carries the warning."""
    costs = (ModelCost("greedy", 30.0, 900), *(ModelCost(f"modest_{n}", 25.0, 100) for n in range(2)))
    words = model_table([Measurement(10, 100, {}, 80.0, 900, costs)])
    warned = [line.split()[0] for line in words.splitlines() if "more than a quarter" in line]
    assert warned == ["greedy", "modest_0", "modest_1"]
    fair = (ModelCost("quarter", 25.0, 1), *(ModelCost(f"other_{n}", 25.0, 1) for n in range(3)))
    assert "more than a quarter" not in model_table([Measurement(10, 100, {}, 100.0, 1, fair)])


def test_a_model_that_grows_faster_than_the_rows_is_pointed_at() -> None:
    """Ten times the rows may cost ten times the seconds; a hundred times is marked, unless both are a blink."""
    small = (ModelCost("pairs", 2.0, 1), ModelCost("rows", 2.0, 1), ModelCost("blink", 0.1, 1))
    large = (ModelCost("pairs", 200.0, 1), ModelCost("rows", 20.0, 1), ModelCost("blink", 10.0, 1))
    words = model_table([Measurement(10, 100, {}, 5.0, 1, small), Measurement(100, 1_000, {}, 230.0, 1, large)])
    assert [line.split()[0] for line in words.splitlines() if "faster than the rows" in line] == ["pairs"]
    told = {line.split()[0]: line.split()[1:] for line in words.splitlines()}
    assert told["pairs"][:2] == ["2.0", "200.0"]
    assert told["rows"][-1] == "1.0"
    assert told["blink"][-1] == "1"


def test_the_limit_of_memory_reaches_the_refresh(tmp_path: Path) -> None:
    """A limit that is asked for is the refresh's setting; without one the refresh keeps its own."""
    path = tmp_path / "oncomart.toml"
    limits = []
    for asked in ("12GB", None):
        path.write_text(configuration(asked), encoding="utf-8")
        limits.append(load_config(path).settings.memory_limit)
    assert limits == ["12GB", Settings().memory_limit]


def test_a_long_refresh_shows_its_steps() -> None:
    """Where nobody watches, the steps of the refresh are written as they begin and end; its details are not."""
    words = io.StringIO()
    for line in ("▸ build the marts", "    lake: 1 deliveries of 1 centres", "  ✓ 96.4 s"):
        show(line, Terminal(words))
    assert words.getvalue().split() == ["▸", "build", "the", "marts", "✓", "96.4", "s"]


def test_memory_is_watched_between_two_instants() -> None:
    """A block held for a moment shows in the peak of that moment and not in the peak before it."""
    with MemoryWatch(interval_seconds=0.005) as memory:
        time.sleep(0.05)
        before = time.time()
        block = bytearray(200 * 2**20)
        time.sleep(0.05)
        after = time.time()
    assert len(block) == 200 * 2**20
    assert memory.peak_mib(before, after) > memory.peak_mib(0, before - 0.02) + 100


def test_landing_is_measured_beside_a_plain_copy(capsys: pytest.CaptureFixture[str]) -> None:
    """Each format lands whole but for its bad rows, which are the same in all, and a ratio stands beside it."""
    assert run_landing_bench(20_000) == 0
    told = [line.split() for line in capsys.readouterr().out.splitlines()]
    rows = [words for words in told if "20,000" in words]
    assert [words[: words.index("20,000")] for words in rows] == [["CSV"], ["CSV", "in", "GB18030"], ["Parquet"]]
    assert len({words[-1] for words in rows}) == 1
    assert 0 < int(rows[0][-1]) < 100
    assert all(float(words[-4]) > 0 for words in rows)


def test_a_ratio_is_taken_to_the_copies_before_and_after() -> None:
    """Landing in 30 s between copies of 8 s and 12 s is three times the copy, whatever the processor did."""
    before, landing, after = Cost(8.0, 10.0, 200.0), Cost(30.0, 60.0, 1_234.0), Cost(12.0, 20.0, 200.0)
    (_, line) = landing_table([Landing("CSV", 600, before, landing, after, 7)]).splitlines()
    assert line.split() == ["CSV", "600", "8.0", "30.0", "12.0", "20", "3.0", "4.0", "1,234", "7"]
