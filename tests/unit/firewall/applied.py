"""A snapshot's rows with a suggestion's drafts in force, written apart from what looks for them."""

import copy

from tenant_ops_dashboard.firewall.snapshot import Seen


def applied(raw, written, without=None):
    """The rows after; `without` (number) leaves one of the new rules out. The number of new rules beside them."""
    made, count = copy.deepcopy(raw), 0
    for draft in written["firewall"]:
        group = next(one for one in made["firewall_groups"] if one["id"] == draft["group"]["id"])
        for direction in ("ingress", "egress"):
            side = draft[direction]
            if side is None:
                continue
            ids = []
            for rule in side["rules"]:
                if "id" not in rule:
                    count += 1
                    if without == count - 1:
                        continue
                    rule = {**rule, "id": f"new-{count}"}
                    made["firewall_rules"].append(rule)
                ids.append(rule["id"])
            policy = f"new-{direction}-{group['id']}"
            made["firewall_policies"].append({"id": policy, "name": side["name"], "firewall_rules": ids})
            group[f"{direction}_firewall_policy_id"] = policy
        group["updated_at"] = "9999-12-31T23:59:59Z"
    for draft in written["security_groups"]:
        group = next(one for one in made["security_groups"] if one["id"] == draft["security_group"]["id"])
        rules = []
        for rule in draft["rules"]:
            if "id" not in rule:
                count += 1
                if without == count - 1:
                    continue
                rule = {**rule, "id": f"new-{count}"}
            rules.append({**rule, "security_group_id": group["id"]})
        group["security_group_rules"] = rules
    return Seen(made), count
