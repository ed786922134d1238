"""What can go wrong: each error is one sentence a person can act on."""

from tenant_ops_dashboard.sentences import about, say


class ReachabilityError(Exception):
    """Base of everything this package raises on purpose; `sentence` is for a person."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence


class BadInput(ReachabilityError):
    """Snapshot, packet or argument is not what it must be; the sentence names the file, the object and the field."""

    def __init__(self, where: str, what: str) -> None:
        self.where = where
        self.what = what
        super().__init__(about(where, what))


class TooComplex(ReachabilityError):
    """The exact answer would cost more than the budget allows; no approximate answer is given instead."""

    def __init__(self, budget: str) -> None:
        self.budget = budget
        super().__init__(say("too complex: {budget}", budget=budget))
