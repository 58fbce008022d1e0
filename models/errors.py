"""Every error that oncomart raises on purpose, on one page.

The exit code tells whose move it is: 2 means that the input or the configuration has to change, 1 that we have to.
Messages name centre, file, table, row and rule; they never hold a patient's value.
"""


class OncomartError(Exception):
    """Base of all errors raised on purpose; `exit_code` is what the command line returns."""

    exit_code = 1


class BadInput(OncomartError):
    """The user's files, configuration or words have to change before another try."""

    exit_code = 2


class ConfigError(BadInput):
    """`oncomart.toml`, a centre's folder or a study protocol says something that cannot be."""


class DeliveryError(BadInput):
    """A delivery cannot be landed as it is: a file or column is missing, or a file cannot be read at all."""


class SourceUnavailable(BadInput, ConnectionError):
    """A centre's database does not answer, or broke off; another try may succeed, and nothing of it was landed."""


class ReleaseNotFound(BadInput):
    """The named release, or a published release at all, is not under the data home."""


class HomeBusy(BadInput):
    """Another refresh holds this data home."""


class Fault(OncomartError):
    """Something of ours failed; the published release is untouched."""


class BuildFailed(Fault):
    """A dbt model or test failed; the message names it."""


class AccountingBroken(Fault):
    """Rows went missing: an identity such as read = used + skipped + failed does not hold."""


class ResultsContradict(Fault):
    """Numbers of a study contradict each other; the message names them, and the release was not published."""


class ReleaseBroken(Fault):
    """A built release did not pass its own verification and was not published."""
