"""The demo hospitals: invented patients in the shapes of real deliveries, and the truth that only tests read."""

from demo.generator import DEFAULT_SEED, ELIGIBLE, generate, tell
from demo.story import CUTOFF, EXTRACT_DATE

__all__ = ["CUTOFF", "DEFAULT_SEED", "ELIGIBLE", "EXTRACT_DATE", "generate", "tell"]
