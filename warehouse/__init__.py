"""Bytes in, releases out: intake, the lake, releases. No clinical rules.

A refresh is: `home_lock` around `land` for each centre, `start_release`, `bind` and `bind_tables`, the derivations,
the analysis on `connect_warehouse`, `seal`, `publish`, `remove_old`.
"""

from warehouse.accounting import FileCount, QuarantineCount, TableCount
from warehouse.bind import bind_tables
from warehouse.config import LoadedConfig, LocatedCentre, load_centre, load_config, read_toml
from warehouse.engine import Progress, silent
from warehouse.home import Home, home_lock
from warehouse.identity import pseudonyms_of
from warehouse.intake import NO_ORDERS, CentreReport, DeliveryReport, LandingOrders, Status, land, landing_orders
from warehouse.intake.onboarding.check import check_delivery
from warehouse.intake.onboarding.findings import CheckReport
from warehouse.intake.onboarding.new_centre import NewCentre, write_new_centre
from warehouse.manifest import Manifest, committed_batches
from warehouse.rebuild import (
    Recorded,
    other_code,
    other_content,
    recorded_release,
    reopen_release,
    restore_release,
)
from warehouse.release import (
    ReleaseDraft,
    ReleaseRecord,
    bind,
    clean_leftovers,
    connect_build,
    connect_warehouse,
    discard,
    list_releases,
    open_release,
    publish,
    remove_old,
    rollback,
    show_release,
    start_release,
)
from warehouse.rotation import rotate_key
from warehouse.seal import LateCheck, ResultTable, count_late_checks, seal

__all__ = [
    "NO_ORDERS",
    "CentreReport",
    "CheckReport",
    "DeliveryReport",
    "FileCount",
    "Home",
    "LandingOrders",
    "LateCheck",
    "LoadedConfig",
    "LocatedCentre",
    "Manifest",
    "NewCentre",
    "Progress",
    "QuarantineCount",
    "Recorded",
    "ReleaseDraft",
    "ReleaseRecord",
    "ResultTable",
    "Status",
    "TableCount",
    "bind",
    "bind_tables",
    "check_delivery",
    "clean_leftovers",
    "committed_batches",
    "connect_build",
    "connect_warehouse",
    "count_late_checks",
    "discard",
    "home_lock",
    "land",
    "landing_orders",
    "list_releases",
    "load_centre",
    "load_config",
    "open_release",
    "other_code",
    "other_content",
    "pseudonyms_of",
    "publish",
    "read_toml",
    "recorded_release",
    "remove_old",
    "reopen_release",
    "restore_release",
    "rollback",
    "rotate_key",
    "seal",
    "show_release",
    "silent",
    "start_release",
    "write_new_centre",
]
