"""The third scenario: what a firewall at the router does, beside the security groups at the servers."""

from __future__ import annotations

from tenant_ops_dashboard.sentences import say
from tenant_ops_dashboard.walkthrough.acts import perimeter, shop
from tenant_ops_dashboard.walkthrough.model import Link, Step
from tenant_ops_dashboard.walkthrough.play import Act, play

_PAGE: Link = ("firewall", "firewall_group")

FIREWALL = play(
    "firewall", say("Firewall beside security groups"), say("Blocked, allowed, and which of the two layers says so."),
    (
        shop.ready(say("An application with security groups at its servers, and a firewall group at its router.")),
        Act(
            Step(
                "works", say("It works"),
                say("First the way things are: the application answers, with rows from its database."),
                say("Ask it"), _PAGE, ("ready",), notes=say("The firewall's page shows the same as a matrix."),
            ),
            say("A request through the floating IP is answered, with rows."), perimeter.look, perimeter.works,
        ),
        Act(
            Step(
                "block", say("A policy without rules blocks all"),
                say(
                    "Now the firewall gets policies without a rule. No security group was touched, and nothing gets"
                    " through any more: what no rule allows is dropped.",
                ),
                say("Take the rules away"), _PAGE, ("works",),
                notes=say(
                    "The dashboard warns that intents break; the walkthrough overrides that, with its reason in the"
                    " audit trail.",
                ),
                patience=90.0,
            ),
            say("The group is in force, and requests get no answer."), perimeter.block, perimeter.blocked,
        ),
        Act(
            Step(
                "allow", say("One rule lets it work again"),
                say("One rule, web to the load balancer, and the page answers again."),
                say("Add the rule"), _PAGE, ("block",),
                notes=say("Only the way in: the way to the database stays shut."),
                patience=90.0,
            ),
            say("The group is in force, and a request is answered."), perimeter.allow, perimeter.allowed,
        ),
        Act(
            Step(
                "layer", say("Allowed by the group, blocked by the firewall"),
                say(
                    "The page answers, but without its data. The database's security group allows the application"
                    " server; the firewall between them does not. The probe shows at which layer the packet ends.",
                ),
                say("Probe the packet"), ("firewall", "firewall_group"), ("allow",),
                notes=say("Real packets say the same: the answer has no rows."), patience=90.0,
            ),
            say("The probe's verdict of each layer, and what the application itself can reach."),
            perimeter.probe, perimeter.at_its_layer,
        ),
        Act(
            Step(
                "undo", say("Back with one click"),
                say("Every apply can be undone. One click, and the firewall is as it was."),
                say("Undo it"), _PAGE, ("works",), notes=say("The page's undo does the same."), patience=90.0,
            ),
            say("The rules are those from before, and rows are read again."), perimeter.undo, perimeter.restored,
        ),
    ),
)  # fmt: skip
