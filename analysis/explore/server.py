"""The page's server: reads one released warehouse, answers one question at a time, and talks to this computer only."""

from collections.abc import Callable, Mapping
from functools import lru_cache
from threading import Lock

import duckdb
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.requests import Request
from starlette.responses import FileResponse, HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from analysis.explore.answer import answer
from analysis.explore.page import render
from analysis.explore.question import ADDED, Question, read_question
from analysis.explore.studies import ReleasedStudy, read_studies
from analysis.report.language import LANGUAGES, Language
from analysis.templating import TEMPLATES
from models.errors import BadInput

HOSTS = ["127.0.0.1", "localhost"]
"""Names by which a browser on this computer calls the page; under any other it is somebody else's page that asks."""

HEADERS = {
    # The drawing brings its styles along; nothing else on the page may come with it or from elsewhere.
    "Content-Security-Policy": "default-src 'none'; style-src 'self' 'unsafe-inline'; script-src 'self'; "
    "connect-src 'self'; img-src data:; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-store",
}
FILES = {"report.css": "text/css", "explore.css": "text/css", "explore.js": "text/javascript"}

_KEPT = 128
"""Pages kept, so that going back and forth between questions is immediate."""

_LANGUAGE = "lang"
_OUR_FAULT = "Something of ours failed; the terminal that runs oncomart explore says what."

PageOf = Callable[[Question, Language], str]


def create_app(connection: duckdb.DuckDBPyConnection, release_id: str) -> Starlette:
    """The application for one release.

    Args:
        connection: read-only, to a released warehouse.duckdb; it is locked here against files, network and settings.
        release_id: the release's id, for print.

    Raises:
        BadInput: the release holds no study.
    """
    connection.execute("set enable_external_access = false")
    connection.execute("set lock_configuration = true")
    studies = read_studies(connection)
    page_of = _answering(connection, studies, release_id)
    first = read_question((), studies)

    def explore(request: Request) -> Response:
        language = LANGUAGES[0]
        try:
            choices = request.query_params.multi_items()
            language = _read_language([value for name, value in choices if name == _LANGUAGE])
            question = read_question([choice for choice in choices if choice[0] != _LANGUAGE], studies)
            if ADDED in request.query_params:
                return RedirectResponse(f"/?{question.address}&{_LANGUAGE}={language}", 303, headers=HEADERS)
            return HTMLResponse(page_of(question, language), headers=HEADERS)
        except BadInput as error:
            page = render(studies, release_id, language, first, None, str(error))
            return HTMLResponse(page, status_code=400, headers=HEADERS)

    def fail(_request: Request, _error: Exception) -> Response:
        page = render(studies, release_id, LANGUAGES[0], first, None, _OUR_FAULT)
        return HTMLResponse(page, status_code=500, headers=HEADERS)

    return Starlette(
        routes=[Route("/", explore), *(Route(f"/{name}", _file(name, kind)) for name, kind in FILES.items())],
        middleware=[Middleware(TrustedHostMiddleware, allowed_hosts=HOSTS, www_redirect=False)],
        exception_handlers={Exception: fail},
    )


def _answering(connection: duckdb.DuckDBPyConnection, studies: Mapping[str, ReleasedStudy], release_id: str) -> PageOf:
    """Answers one question at a time, since neither the connection nor the drawing library serves two at once."""
    turn = Lock()

    @lru_cache(maxsize=_KEPT)
    def page_of(question: Question, language: Language) -> str:
        with turn:
            found = answer(connection, studies[question.study_id], question)
            return render(studies, release_id, language, question, found)

    return page_of


def _read_language(values: list[str]) -> Language:
    wanted = values[-1] if values else LANGUAGES[0]
    for language in LANGUAGES:
        if language == wanted:
            return language
    raise BadInput(f"There is no language {wanted!r} here; there are: {', '.join(LANGUAGES)}.")


def _file(name: str, kind: str) -> Callable[[Request], Response]:
    def send(_request: Request) -> Response:
        return FileResponse(TEMPLATES / name, media_type=kind, headers=HEADERS)

    return send
