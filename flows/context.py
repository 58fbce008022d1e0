"""What the steps of a refresh share, and what it is asked for and answers."""

from dataclasses import dataclass

import pyarrow as pa

from flows.console import Terminal
from models.parameters import ParameterBook
from models.protocol import Protocol
from models.tolerances import Tolerances
from warehouse import CentreReport, Home, LateCheck, LoadedConfig, ReleaseRecord


@dataclass(frozen=True)
class StudyFile:
    """A study's protocol with the text that it was read from."""

    protocol: Protocol
    text: str


@dataclass(frozen=True)
class Wishes:
    """What the command line asks of a refresh beyond the news.

    `rebuild` makes a release even if nothing has changed. `reland` and `accept_withdrawals` name deliveries, of
    `centre` where several centres have one of that name (see `warehouse.LandingOrders`).
    """

    rebuild: bool = False
    reland: tuple[str, ...] = ()
    accept_withdrawals: tuple[str, ...] = ()
    centre: str | None = None


NO_WISHES = Wishes()


@dataclass(frozen=True)
class Refresh:
    """Everything that the steps of one refresh share."""

    home: Home
    config: LoadedConfig
    studies: tuple[StudyFile, ...]
    book: ParameterBook
    tolerances: Tolerances
    terminal: Terminal
    wishes: Wishes


@dataclass(frozen=True)
class Analysed:
    """The numbers of one study as rows of results.ard, and the counts of the checks on them."""

    numbers: pa.Table
    late_checks: tuple[LateCheck, ...]


@dataclass(frozen=True)
class Outcome:
    """What a refresh did. `release` is the published one; `is_new` tells whether this refresh made it."""

    centres: tuple[CentreReport, ...]
    release: ReleaseRecord
    is_new: bool
