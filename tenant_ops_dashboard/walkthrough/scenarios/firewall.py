"""The third scenario: what a firewall at the router does, beside the security groups at the servers."""

from __future__ import annotations

from tenant_ops_dashboard.walkthrough.acts import perimeter, shop
from tenant_ops_dashboard.walkthrough.model import Link, Step
from tenant_ops_dashboard.walkthrough.play import Act, play

_PAGE: Link = ("firewall", "firewall_group")

FIREWALL = play(
    "firewall", "Firewall beside security groups", "Blocked, allowed, and which of the two layers says so.",
    (
        shop.ready("An application with security groups at its servers, and a firewall group at its router."),
        Act(
            Step(
                "works", "It works", "First the way things are: the application answers, with rows from its database.",
                "Ask it", _PAGE, ("ready",), notes="The firewall's page shows the same as a matrix.",
            ),
            "A request through the floating IP is answered, with rows.", perimeter.look, perimeter.works,
        ),
        Act(
            Step(
                "block", "A policy without rules blocks all",
                "Now the firewall gets policies without a rule. No security group was touched, and nothing gets"
                " through any more: what no rule allows is dropped.",
                "Take the rules away", _PAGE, ("works",),
                notes="The dashboard warns that intents break; the walkthrough overrides that, with its reason in the"
                " audit trail.",
                patience=90.0,
            ),
            "The group is in force, and requests get no answer.", perimeter.block, perimeter.blocked,
        ),
        Act(
            Step(
                "allow", "One rule lets it work again",
                "One rule, web to the load balancer, and the page answers again.",
                "Add the rule", _PAGE, ("block",), notes="Only the way in: the way to the database stays shut.",
                patience=90.0,
            ),
            "The group is in force, and a request is answered.", perimeter.allow, perimeter.allowed,
        ),
        Act(
            Step(
                "layer", "Allowed by the group, blocked by the firewall",
                "The page answers, but without its data. The database's security group allows the application server;"
                " the firewall between them does not. The probe shows at which layer the packet ends.",
                "Probe the packet", ("firewall", "firewall_group"), ("allow",),
                notes="Real packets say the same: the answer has no rows.", patience=90.0,
            ),
            "The probe's verdict of each layer, and what the application itself can reach.",
            perimeter.probe, perimeter.at_its_layer,
        ),
        Act(
            Step(
                "undo", "Back with one click",
                "Every apply can be undone. One click, and the firewall is as it was.",
                "Undo it", _PAGE, ("works",), notes="The page's undo does the same.", patience=90.0,
            ),
            "The rules are those from before, and rows are read again.", perimeter.undo, perimeter.restored,
        ),
    ),
)  # fmt: skip
