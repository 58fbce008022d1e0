"""The page's server, spoken to as a browser does and as somebody else's page would."""

import http.client
import re
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pytest
import uvicorn

from analysis.explore.server import create_app
from tests.analysis.small_release import RELEASE, VARIANT, publish

PATIENCE_SECONDS = 30.0


@dataclass(frozen=True)
class Reply:
    """What came back."""

    status: int
    headers: dict[str, str]
    text: str


@dataclass(frozen=True)
class Client:
    """Speaks to a server on this computer."""

    port: int

    def __call__(self, path: str, method: str = "GET", **headers: str) -> Reply:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE_SECONDS)
        connection.request(method, path, headers=headers)
        reply = connection.getresponse()
        text = reply.read().decode("utf-8")
        connection.close()
        return Reply(reply.status, {name.lower(): value for name, value in reply.getheaders()}, text)


@pytest.fixture(scope="module")
def warehouse(tmp_path_factory: pytest.TempPathFactory, root: Path) -> Path:
    return publish(tmp_path_factory.mktemp("home"), root)


@pytest.fixture(scope="module")
def connection(warehouse: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect(warehouse, read_only=True) as connection:
        yield connection


@pytest.fixture(scope="module")
def client(connection: duckdb.DuckDBPyConnection) -> Iterator[Client]:
    app = create_app(connection, RELEASE)
    server = uvicorn.Server(uvicorn.Config(app, host="127.0.0.1", port=0, log_level="error", lifespan="off"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    until = time.monotonic() + PATIENCE_SECONDS
    while not server.started and time.monotonic() < until:
        time.sleep(0.02)
    yield Client(server.servers[0].sockets[0].getsockname()[1])
    server.should_exit = True
    thread.join(PATIENCE_SECONDS)


def test_the_page_answers_a_question_in_its_address(client: Client) -> None:
    """Overall survival by ECOG: the report's log-rank P, both groups' sizes, and a drawing."""
    reply = client("/?endpoint=OS&by=ecog")
    assert reply.status == 200
    words = re.sub(r"<[^>]+>", "", reply.text)
    assert "Log-rank P 0.011" in words
    assert re.search(r"Patients\s*30\s*57", words)
    assert reply.text.count("<svg ") == 1


def test_an_added_condition_moves_into_the_address(client: Client) -> None:
    """One selection has one address, whether its last condition was chosen or shared."""
    reply = client("/?endpoint=OS&where.ecog=0&add=age:%3E%2063")
    assert reply.status == 303
    assert reply.headers["location"].endswith("&endpoint=OS&where.age=%3E+63&where.ecog=0&lang=en")


def test_every_variant_and_both_languages_are_served(client: Client) -> None:
    """The same question under another assumption, and in Chinese."""
    assert client(f"/?endpoint=PFS&variant={VARIANT}").status == 200
    assert '<html lang="zh">' in client("/?endpoint=PFS&lang=zh").text


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("endpoint=EFS", "There is no endpoint &#39;EFS&#39; here; there are: PFS, OS."),
        ("by=patient_key", "There is no covariate &#39;patient_key&#39; with levels here"),
        ("lang=fr", "There is no language &#39;fr&#39; here; there are: en, zh."),
        ("endpoint=<script>alert(1)</script>", "&lt;script&gt;alert(1)&lt;/script&gt;"),
    ],
)
def test_a_question_that_cannot_be_asked_is_refused_in_words(client: Client, query: str, words: str) -> None:
    """Status 400, a sentence on the page, and nothing of the request taken for markup."""
    reply = client("/?" + query.replace(" ", "%20"))
    assert reply.status == 400
    assert words in reply.text
    assert "<script>alert" not in reply.text


@pytest.mark.parametrize("host", ["evil.example", "evil.example:8750", "127.0.0.1.evil.example", ""])
def test_a_page_of_somebody_else_s_name_is_not_answered(client: Client, host: str) -> None:
    """A name that was pointed at this computer (DNS rebinding) gets no number."""
    reply = client("/?endpoint=OS", Host=host)
    assert reply.status == 400
    assert "Overall survival" not in reply.text


@pytest.mark.parametrize("host", ["127.0.0.1:8750", "localhost"])
def test_this_computer_s_own_names_are_answered(client: Client, host: str) -> None:
    """By number and by name."""
    assert client("/", Host=host).status == 200


def test_nothing_can_be_sent(client: Client) -> None:
    """The page is read and never written."""
    assert client("/", method="POST").status == 405


@pytest.mark.parametrize(
    "path", ["/?endpoint=OS&by=ecog", "/?by=nothing", "/explore.css", "/report.css", "/explore.js"]
)
def test_nothing_comes_from_elsewhere(client: Client, path: str) -> None:
    """No address of another host in the page, its styles and its script; the browser is told to load none."""
    reply = client(path)
    addresses = re.findall(r"(?:src|href|action)=\"([^\"]*)\"|url\(([^)]*)\)|fetch\(['\"]([^'\"]*)", reply.text)
    assert not [
        address
        for found in addresses
        for address in found
        if address and address[0] not in "/#" and address != "data:,"
    ]
    policy = reply.headers["content-security-policy"]
    assert policy.startswith("default-src 'none'")
    assert "http" not in policy
    assert reply.headers["x-content-type-options"] == "nosniff"


def test_only_the_page_s_own_files_are_served(client: Client) -> None:
    """Neither templates nor anything else beside them."""
    for path in ("/explore.html.j2", "/../flows/cli.py", "/%2e%2e/flows/cli.py", "/explore.js/../report.html.j2"):
        assert client(path).status == 404


def test_no_patient_is_named(client: Client, connection: duckdb.DuckDBPyConnection) -> None:
    """No key of a patient in any page of an endpoint and a covariate."""
    keys = [key for (key,) in connection.execute("select distinct patient_key from marts.study_cohort").fetchall()]
    text = "".join(client(f"/?endpoint=OS&by={name}").text for name in ("sex", "prior_ici", "pd1_agent"))
    assert not [key for key in keys if re.search(rf"\b{re.escape(key)}\b", text)]


def test_the_connection_can_neither_write_nor_reach_out(
    client: Client, connection: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    """Files and network are closed to SQL, and the lock cannot be opened again."""
    assert client("/").status == 200
    for statement in (
        f"copy (select 1) to '{tmp_path / 'out.csv'}'",
        f"select * from read_text('{Path(__file__)}')",
        "set enable_external_access = true",
        "create table marts.new (x integer)",
    ):
        with pytest.raises(duckdb.Error):
            connection.execute(statement)


def test_a_fault_of_ours_is_a_sentence(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    """A broken answer says where to look and shows no trace."""

    def break_down(*_: object) -> None:
        raise RuntimeError("planted")

    monkeypatch.setattr("analysis.explore.server.answer", break_down)
    reply = client("/?endpoint=OS&by=prior_lines")
    assert reply.status == 500
    assert "Something of ours failed" in reply.text
    assert "planted" not in reply.text
