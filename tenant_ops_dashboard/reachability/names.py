"""What a sentence calls a thing: by its name, where that says which one is meant; else by its id."""

from collections import Counter
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from tenant_ops_dashboard.sentences import Sentence, within

from .model import Snapshot

#: Rules keep their ids: pages and drafts find them by these.
_KINDS = ("firewall_groups", "firewall_policies", "security_groups", "loadbalancers", "listeners", "pools")
#: So many sentences are remembered: those about the same rules come with every packet.
_KEPT = 1024


class Names:
    """Names by id, of things that have one and are the only one of their kind with it."""

    def __init__(self, snapshot: Snapshot) -> None:
        held = [one for one in vars(snapshot).values() if isinstance(one, Mapping)]
        ids = Counter(id_ for one in held for id_ in one)
        self._names: dict[str, str] = {}
        for kind in _KINDS:
            things: Mapping[str, Any] = getattr(snapshot, kind)
            named = Counter(one.name for one in things.values())
            for id_, one in things.items():
                # An id that another collection has too may mean a thing of that one.
                if one.name and named[one.name] == ids[id_] == 1:
                    self._names[id_] = one.name
        self._told = lru_cache(_KEPT)(self._tell)

    def __call__(self, text: str) -> str:
        """A sentence with names for ids; only its words change."""
        return self._told(text)

    def _tell(self, text: str) -> str:
        return within(text, lambda part: self._names.get(part, part)) if self._mentioned(text) else text

    def _mentioned(self, text: str) -> bool:
        """Whether there is anything to do, which is cheaper to ask than to do."""
        if not isinstance(text, Sentence):
            return text in self._names
        return any(isinstance(one, str) and self._mentioned(one) for one in text.message.arguments.values())
