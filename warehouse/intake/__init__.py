"""Intake: reads a centre's files, maps them to the contract, checks, pseudonymises, lands."""

from warehouse.intake.landing import land
from warehouse.intake.report import CentreReport, DeliveryReport, Status

__all__ = ["CentreReport", "DeliveryReport", "Status", "land"]
