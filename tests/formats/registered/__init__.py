"""One module a format, each with its `FORMAT`; `FORMATS` holds them by name."""

from importlib import import_module
from pkgutil import iter_modules

import pytest

from tests.formats.format import Format
from tests.postgresql.server import NO_SERVER, Server, binaries

BASELINE = "csv_gb18030"
"""Hospital A's files, which every other format is compared with."""


def _registered() -> dict[str, Format]:
    names = sorted(module.name for module in iter_modules(__path__))
    found: list[Format] = [import_module(f"{__name__}.{name}").FORMAT for name in names]
    return {form.name: form for form in found}


FORMATS = _registered()

OTHERS = [name for name in FORMATS if name != BASELINE]


def possible(server: Server | None) -> list[Format]:
    """The formats that can be made: those that are tables need a server."""
    return [form for form in FORMATS.values() if server is not None or not form.in_database]


def where_possible(*parameters: object) -> object:
    """Parameters of a test, the first of them a format; it is skipped where its format needs a server there is not."""
    is_impossible = FORMATS[str(parameters[0])].in_database and binaries() is None
    return pytest.param(*parameters, marks=pytest.mark.skipif(is_impossible, reason=NO_SERVER))
