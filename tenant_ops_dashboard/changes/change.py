"""One change of state, as a class of its own; the idea is that of Wagtail's actions."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Generic, TypeVar

from tenant_ops_dashboard.audit import Action
from tenant_ops_dashboard.cloud import Cloud

Made = TypeVar("Made")
_REGISTRY: dict[str, type[Change[Any]]] = {}


@dataclass(frozen=True)
class Target:
    """What is changed; `id` is '' until it exists, `project` where it is the login's own."""

    id: str = ""
    name: str = ""
    project: str = ""


class Change(ABC, Generic[Made]):
    """Something that may be done, once: whose right it takes, what is sent, how one knows that it happened.

    `name` is 'capability.verb' and registers the class; `rule` is the policy rule; `action` and `kind` are CADF's words
    for what is done to what; `destroys` says that people are asked before. `patience` is for how many seconds a change
    whose answer was lost is looked for. `Made` is what it gives. What takes a change back is a change of its own.
    """

    name: ClassVar[str]
    rule: ClassVar[str]
    action: ClassVar[Action]
    kind: ClassVar[str]
    destroys: ClassVar[bool] = False
    patience: float = 0.0

    def __init__(self, cloud: Cloud) -> None:
        self.cloud = cloud
        self.target = Target()
        self.before: Mapping[str, Any] | None = None
        self.after: Mapping[str, Any] | None = None
        self.says = ""
        self.underway = False

    def __init_subclass__(cls, **named: Any) -> None:
        super().__init_subclass__(**named)
        if "name" in cls.__dict__:
            if cls.name in _REGISTRY and _REGISTRY[cls.name].__qualname__ != cls.__qualname__:
                raise TypeError(f"Two changes are called {cls.name}.")
            _REGISTRY[cls.name] = cls

    @property
    def verb(self) -> str:
        """What people call it: 'drain'."""
        return self.name.rpartition(".")[2]

    def prepare(self) -> Made | None:
        """Read what it takes and refuse what cannot be, with nothing sent; what is so already, so that nothing is.

        Sets `target`, `before` and `after` where single fields change, and `underway` where what is so already was only
        asked for before, and nobody saw it done. Raises a TenantOpsError.
        """
        return None

    @abstractmethod
    def send(self) -> Made:
        """Ask OpenStack for it. Raises a TenantOpsError; Uncertain where the answer was lost."""

    def happened(self) -> Made | None:
        """After a lost answer: what it gave, if it is there now. Raises a TenantOpsError."""
        return None

    def settled(self, made: Made) -> bool:
        """Whether it was seen done, by a look after it was sent; False is 'accepted', and OpenStack goes on with it."""
        return False


def registered() -> dict[str, type[Change[Any]]]:
    """Every change there is, by name; of those capabilities that were imported."""
    return dict(_REGISTRY)
