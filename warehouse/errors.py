"""Errors that a user can act on. A message says what and where; what was found; what to do."""


class SpendboardError(Exception):
    """Base of every error raised on purpose; the command line prints it and exits with its code.

    Parameters
    ----------
    what : what went wrong and where, one sentence.
    found : what was found instead, if that helps.
    fix : what the user can do about it.
    """

    exit_code = 3

    def __init__(self, what: str, *, found: str | None = None, fix: str | None = None) -> None:
        self.what, self.found, self.fix = what, found, fix
        lines = [what]
        if found is not None:
            lines.append(f"  found:  {found}")
        if fix is not None:
            lines.append(f"  to fix: {fix}")
        super().__init__("\n".join(lines))


def is_interruption(error: BaseException) -> bool:
    """Whether somebody pressed Ctrl-C: within a statement DuckDB makes its own error of it."""
    name, text = type(error).__name__, str(error)
    return isinstance(error, KeyboardInterrupt) or (
        name in {"RuntimeError", "InterruptException"} and "interrupted" in text.lower()
    )


class UsageError(SpendboardError):
    """The call itself is off: an unknown key, a negative horizon, a bad option."""

    exit_code = 2


class CheckFailedError(SpendboardError):
    """A data check of severity ``stop`` found offending rows; nothing was published."""

    exit_code = 1


class SettingsError(SpendboardError):
    """``spendboard.toml`` cannot be used."""


class SourceError(SpendboardError):
    """A source cannot be read: missing, empty, not what its name says."""


class MappingError(SpendboardError):
    """The columns of a source cannot be mapped to ours without a decision by the user."""


class LoadError(SpendboardError):
    """A load was given up as a whole: nothing could be stored, or too much would be rejected.

    ``report`` is the :class:`warehouse.report.LoadReport` of what was tried.
    """

    def __init__(
        self, what: str, *, found: str | None = None, fix: str | None = None, report: object = None
    ) -> None:
        super().__init__(what, found=found, fix=fix)
        self.report = report


class LockedError(SpendboardError):
    """Another process is writing to the workspace."""


class NoGenerationError(SpendboardError):
    """The workspace has no published generation yet."""


class CorruptGenerationError(SpendboardError):
    """A published generation is damaged: a file is missing, truncated or altered."""


class NoDataError(SpendboardError):
    """The workspace holds nothing that could be scored."""


class NoModelError(SpendboardError):
    """Saved models are asked for, and there are none that fit the data."""


class SelectionError(UsageError):
    """A selection names an unknown key or an impossible value."""


class UnknownCustomerError(SpendboardError):
    """A customer id that does not occur in the workspace."""


class WorkspaceError(SpendboardError):
    """The workspace's folder cannot be used: not writable, not a folder, or no space is left."""


class FeatureViewError(SpendboardError):
    """A feature view of the workspace (``features/*.sql``) cannot be used as it is."""


class BackupError(SpendboardError):
    """A backup cannot be written or restored; nothing was changed."""


class SqlFileError(SpendboardError):
    """A SQL file of the warehouse has no usable header, or cannot run."""
