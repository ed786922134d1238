"""What can go wrong with a load balancer; each error is a sentence a user can act on."""

from __future__ import annotations


class LoadBalancersError(Exception):
    """`request_id` is OpenStack's, '' where no service was involved; `todo` says what helps."""

    todo = ""

    def __init__(self, sentence: str, request_id: str = "") -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.request_id = request_id


class NotFound(LoadBalancersError):
    """This project has no such load balancer, pool or member."""

    todo = "Look at the list: it may have been deleted."


class NotAllowed(LoadBalancersError):
    """The policy does not let this user do it."""


class BadInput(LoadBalancersError):
    """What was asked for cannot be; `field` is the one of the form that it is about, '' where it is about none."""

    todo = "Change what the sentence names."

    def __init__(self, sentence: str, request_id: str = "", field: str = "") -> None:
        super().__init__(sentence, request_id)
        self.field = field


class StillBusy(LoadBalancersError):
    """Octavia is at work on another change of this load balancer, longer than we waited."""

    todo = "Nothing was changed. Try again when the change in progress has ended."


class Broken(LoadBalancersError):
    """The load balancer is in ERROR: Octavia accepts no change until an operator repaired it."""

    todo = "Ask your operator to fail it over, or delete it and make it anew."


class NoScaling(LoadBalancersError):
    """There is nothing that could be scaled."""

    todo = "Scaling needs an environment whose stack has a group of servers with scaling policies."


class ScalingFailed(LoadBalancersError):
    """Heat could not change the number of servers; the sentence says why."""

    todo = "Mend what the sentence names; it is tried again once something changed."
