"""Every change there is, and those that no page asks for by themselves: each with what does it instead."""

from __future__ import annotations

import functools
import importlib
import pkgutil
from typing import Any

import tenant_ops_dashboard
from tenant_ops_dashboard import changes

#: No page asks for these by themselves; each has the reason, and what does them.
WITHOUT: dict[str, str] = {
    "clones.entrust_offer": "an offer's own: the owner's authority for its copies",
    "clones.entrust_clone": "a request's own: the authority for this one clone",
    "clones.entrust_project": "that of standing authority: Keystone's part of it",
    "clones.take_back": "care's, and a release's: authority goes with what it was given for",
    "clones.take_back_offers": "care's, and a withdrawn offer's: its authority goes with it",
    "clones.copy": "care's: a clone is copied in the owner's project",
    "clones.mark_source": "care's: a server says who is about to pause it, and until when",
    "clones.pause_source": "care's: a server stands still for the moment of the copy, and goes on",
    "clones.unmark_source": "care's: nothing holds a server that goes on",
    "clones.snapshot": "care's: the moment of the copy",
    "clones.remove_snapshot": "care's: nothing of ours stays on the source",
    "clones.mask": "care's: a copy is masked before it is handed over",
    "clones.note_masked": "care's: a copy says that it was masked",
    "clones.remove_mask": "care's: a server that masked is not needed any more",
    "clones.serve_network": "care's: a clone that is served has a network of its own",
    "clones.tag_network": "care's: people find it by its tag",
    "clones.serve_subnet": "care's: with addresses, and without a way out",
    "clones.serve_share": "care's: the project that asked may take ports in it",
    "clones.serve_group": "care's: nobody gets to the server until all of it stands",
    "clones.tag_group": "care's: people find it by its tag",
    "clones.serve_port": "care's: the server's place in the network",
    "clones.serve_server": "care's: a copy is served in its owner's project",
    "clones.serve_open": "care's: the door opens, last of all",
    "clones.serve_close": "care's: the door closes, first of all",
    "clones.remove_server": "care's: a clone that was served is taken away",
    "clones.remove_port": "care's: a clone that was served is taken away",
    "clones.serve_unshare": "care's: a clone that was served is taken away",
    "clones.remove_network": "care's: a clone that was served is taken away",
    "clones.remove_group": "care's: a clone that was served is taken away",
    "clones.give": "care's: a copy is handed over",
    "clones.accept": "care's: a copy is taken in",
    "clones.withdraw_transfer": "care's: a copy that was not taken in stays with its owner",
    "clones.detach": "care's: a clone whose time is over is taken off its server",
    "clones.remove": "care's: a clone whose time is over is taken away",
    "environments.withdraw": "a launch's own: it takes away its twin",
    "environments.take_away": "a delete's and a retry's own: what Heat lost goes with it",
    "environments.remove_volume": "a look's, and a delete's of what is gone: the data goes once the stack has",
    "clones.keep": "care's: a snapshot of a copy that can go back to it",
    "clones.revert_volume": "care's: a clone goes back to how it was handed over",
    "clones.attach": "care's: a server has its volume again that went back",
    "environments.change_volume": "care's: a clone that gets newer data, under what stands on it",
    "environments.claim_volume": "a launch's, and a look's: which environment stands on a volume",
    "environments.release_volume": "a look's: a volume that an environment stood on is nobody's again",
    "environments.fill_firewall": "a look's: a group that a run left without ports",
    "environments.tidy_firewall": "a look's: what a run that lost the race left",
    "environments.sweep_firewall": "a look's: what is left of an environment that is gone",
    "loadbalancers.withdraw": "a create's and a look's: of two made at once one goes",
    "walkthrough.do": "a presenter's button: what it changes are changes of their own; panels/walkthrough presses it",
    "walkthrough.again": "a presenter's button, as do",
    "walkthrough.skip": "a presenter's button, as do: a step is left out",
    "walkthrough.reset": "a presenter's button, as do: panels/walkthrough/test_reset.py",
    "walkthrough.stop_server": "a step's of the walkthrough: one server dies",
    "walkthrough.start_server": "a step's, and a reset's: it comes back",
    "walkthrough.remove": "a reset's: what was put into the walkthrough's networks by hand",
    "walkthrough.detach": "a reset's: what was attached by hand",
    "scaling.feed": "a round's: what was measured goes to the cloud's alarms",
    "scaling.forget": "a round's and new rules': metrics of a group that no alarm asks for",
}


@functools.cache
def every_change() -> dict[str, type[changes.Change[Any]]]:
    """All that the product registers, every module of it imported."""
    for found in pkgutil.walk_packages(tenant_ops_dashboard.__path__, "tenant_ops_dashboard."):
        if not any(part in found.name for part in (".migrations", ".enabled", ".conf", ".static", ".templates")):
            importlib.import_module(found.name)
    return {name: one for name, one in changes.registered().items() if one.__module__.startswith("tenant_ops_")}
