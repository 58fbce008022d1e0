from pathlib import Path

from flows.dictionary import dictionary_text

ROOT = Path(__file__).resolve().parents[2]


def test_the_dictionary_in_the_documents_is_the_contracts() -> None:
    """The data dictionary is what the contracts say; `./oncomart dictionary docs/data-dictionary.md` mends it."""
    assert (ROOT / "docs" / "data-dictionary.md").read_text(encoding="utf-8") == dictionary_text()
