"""Vocabularies: the reviewed phrases by which free text is read (rule R1), from the seeds of the dbt project.

The seeds are `phrase_vocabularies` (subjects), `phrase_codes` (what a phrase may mean, of what that is a kind, and what
it silences), `phrases` and `phrase_cues` (words that deny, doubt, plan or bound). A phrase without a code is
recognised as too general to be one. A centre's own phrases come before the seeds'.
"""

import csv
import hashlib
import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

from models.contract import CONTRACT
from models.errors import ConfigError
from models.mapping import CentreConfig, Phrase

SEEDS = Path(__file__).resolve().parent.parent / "dbt_project" / "seeds"

DRUGS = "DRUG"
"""Family of a vocabulary with `needs_whole_names`: every name of the drug list is a phrase of it."""

NUMBER_FORM = r"\d+(?:[.]\d+)?(?:mg|ug|ml|g)?(?:/m2|/kg)?"
_RESIDUE = r"[\p{Han}]|[a-z0-9-]+"
_DECIMAL_FORM = r"\d+[.]\d+"


@dataclass(frozen=True)
class Word:
    """A phrase (kind PHRASE: family, code, the broader codes of which it is a kind, those that it silences) or a cue.

    A NAME is a phrase that counts only when no unknown word touches it: an unknown name that contains a known one is
    another drug.
    """

    text: str
    kind: str
    family: str = ""
    code: str | None = None
    broader: tuple[str, ...] = ()
    outranks: tuple[str, ...] = ()


@dataclass(frozen=True)
class Vocabulary:
    """The phrases and cues of one subject; `codes` by family.

    With `needs_whole_names` the names of the drug list belong to it, and words that it does not know are noticed. With
    assertion NEEDED a phrase counts only in a clause that asserts something of it; with SHARED it shares the fate of
    the assertion of its sentence, in a text that has any.
    """

    name: str
    needs_whole_names: bool
    assertion: str
    codes: Mapping[str, frozenset[str]]
    words: tuple[Word, ...]

    @property
    def pattern(self) -> str:
        """Regular expression (RE2) whose matches in a folded text are its words, in order."""
        longest_first = sorted({word.text for word in self.words}, key=lambda text: (-len(text), text))
        alternatives = [_DECIMAL_FORM, *(_bounded(text) for text in longest_first)]
        if self.needs_whole_names:
            alternatives += [NUMBER_FORM, _RESIDUE]
        return "|".join(alternatives)

    @property
    def content_hash(self) -> str:
        """Hash of all that decides how a text is read: a change of it makes a delivery land anew."""
        return hashlib.sha256(repr((self.needs_whole_names, self.assertion, self.words)).encode()).hexdigest()


def folded(text: str) -> str:
    """A phrase in the form in which texts are compared: NFKC, lower case, no space beside a Han character."""
    one = re.sub(r"\s+", " ", unicodedata.normalize("NFKC", text).lower()).strip()
    return re.sub(r" ?([\u2e80-\u9fff\uf900-\ufaff]) ?", r"\1", one)


@cache
def vocabularies(own: tuple[Phrase, ...] = ()) -> Mapping[str, Vocabulary]:
    """All vocabularies by name, from the seeds phrase_vocabularies, phrase_codes, phrases, phrase_cues and drugs.

    Args:
        own: phrases of a centre, which outrank the seeds'.

    Raises:
        ConfigError: a phrase names a code or a vocabulary that there is not.
    """
    names = [row["vocabulary"] for row in seed_rows("phrase_vocabularies")]
    for phrase in own:
        if phrase.vocabulary not in names:
            raise ConfigError(f"phrase {phrase.phrase!r}: {_no_vocabulary(phrase.vocabulary, names)}")
    shipped = tuple(Phrase.model_validate(row) for row in seed_rows("phrases"))
    return {row["vocabulary"]: _vocabulary(row, shipped, own) for row in seed_rows("phrase_vocabularies")}


def check_vocabularies(config: CentreConfig, folder: Path) -> None:
    """Refuses a centre whose phrases have no code, or whose mappings name what its vocabularies cannot say.

    Raises:
        ConfigError: names the file, the feed, the column and what is possible instead.
    """
    try:
        known = vocabularies(config.phrases)
    except ConfigError as error:
        raise ConfigError(f"{folder / 'phrases.csv'}: {error}") from None
    for mapping in config.tables:
        for number, feed in enumerate(mapping.feed, start=1):
            where = f"{folder / 'tables' / mapping.table}.toml: feed {number} of {mapping.table}"
            for name, cell in feed.columns.items():
                if cell.vocabulary is not None:
                    permitted = CONTRACT[mapping.table].column(name).values
                    _check_codes(f"{where}, {name}", known, cell.vocabulary, "", permitted)
            if feed.explode and feed.explode.vocabulary is not None:
                _check_codes(f"{where}, explode", known, feed.explode.vocabulary, feed.explode.family, ())


def _no_vocabulary(name: str, known: Iterable[str]) -> str:
    return f"there is no vocabulary {name!r}; there are {', '.join(known)}."


def _check_codes(
    where: str, known: Mapping[str, Vocabulary], name: str, family: str, permitted: tuple[str, ...]
) -> None:
    vocabulary = known.get(name)
    if vocabulary is None:
        raise ConfigError(f"{where}: {_no_vocabulary(name, known)}")
    if family not in vocabulary.codes:
        families = ", ".join(repr(known) for known in vocabulary.codes)
        raise ConfigError(f"{where}: vocabulary {name} has no family {family!r}; it has {families}.")
    foreign = sorted(vocabulary.codes[family] - set(permitted)) if permitted else []
    if foreign:
        said, allowed = ", ".join(foreign), ", ".join(permitted)
        raise ConfigError(f"{where}: vocabulary {name} says {said}; permitted are {allowed}.")


def seed_rows(seed: str) -> list[dict[str, str]]:
    """The rows of a seed of the dbt project."""
    with (SEEDS / f"{seed}.csv").open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def _vocabulary(row: Mapping[str, str], shipped: tuple[Phrase, ...], own: tuple[Phrase, ...]) -> Vocabulary:
    name, needs_whole_names = row["vocabulary"], row["needs_whole_names"] == "Y"
    codes = [code for code in seed_rows("phrase_codes") if code["vocabulary"] == name]
    families: dict[str, set[str]] = {}
    for code in codes:
        families.setdefault(code["family"], set()).add(code["code"])
    drugs = _drug_words(families[DRUGS]) if needs_whole_names else []
    words: dict[str, list[Word]] = {}
    for phrases in (own, shipped):
        found: dict[str, list[Word]] = {}
        for phrase in phrases:
            if phrase.vocabulary == name:
                found.setdefault(folded(phrase.phrase), []).extend(_words_of(phrase, codes, drugs))
        words = {**found, **words}
    for drug in drugs:
        words.setdefault(drug.text, [drug])
    cues = seed_rows("phrase_cues")
    spoken = {folded(cue["cue"]): cue["kind"] for of in ("", name) for cue in cues if cue["vocabulary"] == of}
    for text, kind in spoken.items():
        words.setdefault(text, [Word(text, kind)])
    by_family = {family: frozenset(of_family) for family, of_family in families.items()}
    everything = tuple(word for of_text in words.values() for word in of_text)
    return Vocabulary(name, needs_whole_names, row["assertion"], by_family, everything)


def _words_of(phrase: Phrase, codes: list[dict[str, str]], drugs: list[Word]) -> list[Word]:
    """The word of a phrase in each family that has its code; a drug's key is a code as well."""
    text = folded(phrase.phrase)
    if not phrase.code:
        return [Word(text, "PHRASE")]
    broader = {code["code"]: code["broader_code"] for code in codes if code["broader_code"]}
    words = [
        Word(
            text,
            "PHRASE",
            code["family"],
            phrase.code,
            _ancestors(phrase.code, broader),
            tuple(code["outranks"].split("|")) if code["outranks"] else (),
        )
        for code in codes
        if code["code"] == phrase.code
    ]
    words += [replace(drug, text=text) for drug in drugs if drug.code == phrase.code][:1]
    if not words:
        raise ConfigError(f"vocabulary {phrase.vocabulary} has no code {phrase.code!r}; phrase_codes.csv lists them.")
    return words


def _ancestors(code: str, broader: Mapping[str, str]) -> tuple[str, ...]:
    found: list[str] = []
    while code in broader and broader[code] not in found:
        code = broader[code]
        found.append(code)
    return tuple(found)


def drug_names() -> dict[str, set[str]]:
    """Every name of the drug list, folded, with the keys of the drugs or regimens that it may mean."""
    keys: dict[str, set[str]] = {}
    for drug in seed_rows("drugs"):
        written = [drug["drug_key"], drug["ingredient_en"], drug["ingredient_cn"]]
        written += [name for column in ("brands_en", "brands_cn", "aliases") for name in drug[column].split("|")]
        for name in written:
            keys.setdefault(folded(name), set()).add(drug["drug_key"])
    for alias in seed_rows("drug_aliases"):
        keys.setdefault(folded(alias["alias"]), set()).add(alias["drug_key"])
    for regimen in seed_rows("regimen_acronyms"):
        keys.setdefault(folded(regimen["acronym"]), set()).add(regimen["acronym"])
    return {name: of for name, of in keys.items() if name}


def _drug_words(unnamed: Iterable[str]) -> list[Word]:
    """Every name that means one drug; the code is the drug's key, which rule R1 resolves like any other name."""
    general = tuple(sorted(unnamed))
    return [Word(name, "NAME", DRUGS, next(iter(of)), general) for name, of in drug_names().items() if len(of) == 1]


def _bounded(text: str) -> str:
    """The escaped text; a Latin word must stand alone."""
    before = r"\b" if re.match(r"[a-z0-9]", text) else ""
    after = r"\b" if re.search(r"[a-z0-9]$", text) else ""
    return f"{before}{re.escape(text)}{after}"
