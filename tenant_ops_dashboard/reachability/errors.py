"""What can go wrong: each error is one sentence a person can act on."""


class ReachabilityError(Exception):
    """Base of everything this package raises on purpose."""


class BadInput(ReachabilityError):
    """Snapshot, packet or argument is not what it must be; the sentence names the file, the object and the field."""

    def __init__(self, where: str, what: str) -> None:
        self.where = where
        self.what = what
        super().__init__(f"{where}: {what}")


class TooComplex(ReachabilityError):
    """The exact answer would cost more than the budget allows; no approximate answer is given instead."""

    def __init__(self, budget: str) -> None:
        self.budget = budget
        super().__init__(f"too complex: {budget}")
