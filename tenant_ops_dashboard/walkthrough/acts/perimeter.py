"""The firewall at the environment's router: no rules, one rule, a probe of both layers, and back."""

from __future__ import annotations

from dataclasses import replace

from tenant_ops_dashboard.cloud import Cloud
from tenant_ops_dashboard.cloud.values import number
from tenant_ops_dashboard.environments import reconcile
from tenant_ops_dashboard.environments.firewall_group import group as firewall_groups
from tenant_ops_dashboard.environments.firewall_group import rules
from tenant_ops_dashboard.environments.heat import stack
from tenant_ops_dashboard.environments.heat.stack import Stack
from tenant_ops_dashboard.environments.model import DATABASE_PORT
from tenant_ops_dashboard.firewall import apply, current
from tenant_ops_dashboard.firewall import undo as undoing
from tenant_ops_dashboard.firewall.ends import Ends
from tenant_ops_dashboard.firewall.errors import NothingToUndo
from tenant_ops_dashboard.firewall.model import DIRECTIONS, Draft, Policy, Rule, State
from tenant_ops_dashboard.firewall.names import Names
from tenant_ops_dashboard.firewall.neutron import FirewallApi
from tenant_ops_dashboard.firewall.probe import probe_ends
from tenant_ops_dashboard.firewall.snapshot import look as read
from tenant_ops_dashboard.sentences import capital, join, say
from tenant_ops_dashboard.walkthrough.acts import packets
from tenant_ops_dashboard.walkthrough.errors import InTheWay
from tenant_ops_dashboard.walkthrough.model import Checked, Did
from tenant_ops_dashboard.walkthrough.play import Context

REASON = "overridden: a step of the walkthrough, which is undone at its end"
WEB = "web"


def look(context: Context) -> Did:
    """Find the environment's firewall group, and ask the application."""
    id_ = _read_group(context)
    return Did(
        say("Asked http://{address}/ through the firewall.", address=context.fact("address")), {"firewall_group": id_}
    )


def works(context: Context) -> Checked:
    """Whether an answer with rows comes."""
    heard = packets.ask(context.cloud, context.fact("address"), 2)
    if heard.rows is None:
        return Checked(None, "", say("So far {words}, without rows.", words=heard.words))
    return Checked(True, say("{words}, with {rows} rows.", words=capital(heard.words), rows=heard.rows))


def block(context: Context) -> Did:
    """Both policies get a version without a rule."""
    api, id_ = FirewallApi(context.cloud), _group(context)
    now = current.read(api, id_)
    if not now.state.rules and context.facts.get("firewall_apply"):
        return Did(say("The firewall has no rules already."))
    made = apply.apply(context.cloud, Draft(_ruled(now.state), now.base), id_, None, REASON)
    # The first one is what leads back to where all began.
    first = context.facts.get("firewall_apply") or made.id
    return Did(
        say("Applied policies without a rule, in {seconds:.1f} s.", seconds=made.seconds), {"firewall_apply": first}
    )


def blocked(context: Context) -> Checked:
    """Whether nothing answers while the group filters."""
    now = current.read(FirewallApi(context.cloud), _group(context))
    if not apply.filtering(now) or now.state.rules:
        return Checked(None, "", say("The group is {status}.", status=now.row["status"]))
    heard = packets.ask(context.cloud, context.fact("address"), 2, patient=True)
    if heard.answers:
        return Checked(None, "", say("It still is {words}.", words=heard.words))
    if heard.doubt:
        return Checked(None, "", say("That says nothing of the firewall: {trouble}.", trouble=heard.trouble))
    return Checked(
        True,
        say(
            "The group is {status}, and {sent} requests got no answer ({trouble}).",
            status=now.row["status"], sent=heard.sent, trouble=heard.trouble,
        ),
    )  # fmt: skip


def allow(context: Context) -> Did:
    """One rule: web to the load balancer's address."""
    api, id_ = FirewallApi(context.cloud), _group(context)
    now, vip = current.read(api, id_), _vip(context)
    rule = Rule(name=WEB, action="allow", protocol="tcp", destination_ip_address=vip, destination_port="80")
    made = apply.apply(context.cloud, Draft(_ruled(now.state, rule), now.base), id_, None, REASON)
    return Did(say("Applied one rule: tcp 80 to {vip}, in {seconds:.1f} s.", vip=vip, seconds=made.seconds))


def allowed(context: Context) -> Checked:
    """Whether it answers."""
    heard = packets.ask(context.cloud, context.fact("address"), 2)
    if not heard.answers:
        return Checked(None, "", say("No answer yet ({trouble}).", trouble=heard.trouble))
    return Checked(True, say("{words} again.", words=capital(heard.words)))


def probe(context: Context) -> Did:
    """What is looked at is looked at by the check."""
    _group(context)
    return Did(say("Probed tcp {port} from the application servers to the database.", port=_port(context)))


def at_its_layer(context: Context) -> Checked:
    """Whether the groups allow the packet, the firewall stops it, and the application has no rows."""
    ends = Ends(read(context.cloud), Names(context.cloud))
    tier = f"tier:{context.fact('environment_id')}"
    source, target = ends.source(f"{tier}/application", "from"), ends.target(f"{tier}/database", "to")
    found = probe_ends(ends.engine, source, target, "tcp", _port(context))[0]
    stops = [one for one in found["steps"] if one["decision"] == "deny"]
    groups = [one for one in found["steps"] if one["layer"] == "security-group" and not one.get("reply")]
    if found["verdict"] == "allow" or not stops or stops[0]["layer"] != "firewall-group":
        return Checked(None, "", say("The probe finds a way to the database, or another layer stops the packet."))
    heard = packets.ask(context.cloud, context.fact("address"), 1)
    if heard.rows is not None or not heard.answers:
        return Checked(
            None, "", say("Not in force yet: {words}, with {rows} rows.", words=heard.words, rows=heard.rows)
        )
    passed = sum(one["decision"] == "allow" for one in groups)
    return Checked(
        True,
        say(
            "The packet passes the security group ({passed} of {groups} looked at) and ends at the firewall group:"
            " {why}. {words}, which reads no rows.",
            passed=passed, groups=len(groups,
        ), why=stops[0]["why"], words=capital(heard.words)),
    )  # fmt: skip


def undo(context: Context) -> Did:
    """Put back what was in force before the first of them."""
    try:
        made = undoing.undo(context.cloud, _group(context), context.fact("firewall_apply"))
    except NothingToUndo as error:
        told = say("Put the rules back on the firewall's page, or reset all scenarios.")
        raise InTheWay(join(" ", (error.sentence, told))) from error
    return Did(say("Undid it, in {seconds:.1f} s.", seconds=made.seconds), {"firewall_apply": ""})


def put_back(cloud: Cloud, found: Stack) -> None:
    """The rules that the environment's blueprint asks for, whatever was done to them. Raises a TenantOpsError."""
    wanted, standing = _planned(cloud, found)
    if wanted is None or standing is None or not differences(cloud, found):
        return
    if not standing.group_id:
        reconcile.again(cloud, found)
        return
    now = current.read(FirewallApi(cloud), standing.group_id)
    state = replace(now.state, group=replace(now.state.group, admin_state_up=True))
    for one in DIRECTIONS:
        held = tuple(_rule(found.name, rule) for rule in (wanted.ingress if one == "ingress" else wanted.egress))
        state = state.having(one, replace(state.policy(one) or Policy(), rules=held))
    apply.apply(cloud, Draft(state, now.base), standing.group_id, None, "the walkthrough's reset")


def differences(cloud: Cloud, found: Stack) -> tuple[str, ...]:
    """What is not as the blueprint asks for, in words. Raises a TenantOpsError."""
    wanted, standing = _planned(cloud, found)
    if wanted is None or standing is None:
        return ()
    if not standing.group_id:
        return (say("its firewall group is gone"),)
    up = current.read(FirewallApi(cloud), standing.group_id).state.group.admin_state_up
    return (*standing.differences(wanted), *(() if up else (say("its firewall group is switched off"),)))


def restored(context: Context) -> Checked:
    """Whether rows are read again."""
    now = current.read(FirewallApi(context.cloud), _group(context))
    heard = packets.ask(context.cloud, context.fact("address"), 2)
    if heard.rows is None:
        return Checked(None, "", say("{words}, without rows so far.", words=capital(heard.words)))
    return Checked(
        True,
        say(
            "{rules} rules stand; {words}, with {rows} rows.",
            rules=len(now.state.rules),
            words=heard.words,
            rows=heard.rows,
        ),
    )


def _group(context: Context) -> str:
    """The id of the environment's firewall group, also where the step that finds it was left out."""
    return context.facts.get("firewall_group") or _read_group(context)


def _port(context: Context) -> int:
    """What the environment's database listens on, by its launch's answers, as its promises have it."""
    found = stack.by_id(context.cloud, context.fact("environment_id"))
    _, answers = stack.answers(found.launched if found else "")
    return number(answers.get("database_port"), DATABASE_PORT, 1, 65535)


def _read_group(context: Context) -> str:
    found = firewall_groups.read(context.cloud, context.fact("environment_id"))
    if found is None or not found.group_id:
        raise InTheWay(
            say("This environment has no firewall group yet, or its cloud has no FWaaS v2: look at its page.")
        )
    return found.group_id


def _ruled(state: State, *ingress: Rule) -> State:
    """The same with these rules inward and none outward."""
    for one in DIRECTIONS:
        held = ingress if one == "ingress" else ()
        state = state.having(one, replace(state.policy(one) or Policy(), rules=held))
    return state


def _planned(cloud: Cloud, found: Stack) -> tuple[rules.Wanted | None, firewall_groups.FirewallGroup | None]:
    output = stack.full(cloud, found).outputs.get("firewall")
    return firewall_groups.planned(cloud, output), firewall_groups.read(cloud, found.id)


def _rule(environment: str, one: rules.Rule) -> Rule:
    return Rule(
        name=f"{environment}-fw-{one.name}", action=one.action, protocol=one.protocol,
        source_ip_address=one.source, source_port=one.source_port,
        destination_ip_address=one.destination, destination_port=one.destination_port,
    )  # fmt: skip


def _vip(context: Context) -> str:
    found = context.cloud.get("load-balancer", f"/lbaas/loadbalancers/{context.fact('balancer_id')}")
    return str(found["loadbalancer"]["vip_address"])
