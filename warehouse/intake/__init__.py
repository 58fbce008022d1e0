"""Intake: reads a centre's files, maps them to the contract, checks, pseudonymises, lands."""

from warehouse.intake.landing import land
from warehouse.intake.orders import NO_ORDERS, LandingOrders, landing_orders
from warehouse.intake.report import CentreReport, DeliveryReport, Status

__all__ = ["NO_ORDERS", "CentreReport", "DeliveryReport", "LandingOrders", "Status", "land", "landing_orders"]
