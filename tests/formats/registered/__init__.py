"""One module a format, each with its `FORMAT`; `FORMATS` holds them by name."""

from importlib import import_module
from pkgutil import iter_modules

from tests.formats.format import Format

BASELINE = "csv_gb18030"
"""Hospital A's files, which every other format is compared with."""


def _registered() -> dict[str, Format]:
    names = sorted(module.name for module in iter_modules(__path__))
    found: list[Format] = [import_module(f"{__name__}.{name}").FORMAT for name in names]
    return {form.name: form for form in found}


FORMATS = _registered()
