"""What stands when a picture is taken. A scene builds on those before it, and finds again what it made already."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from typing import Any

import requests

from sandbox.settings import url
from tests.browser.person import Browser
from tests.browser.stage import Stage, sandbox, until

#: A network outside (RFC 5737).
OFFICE = "198.51.100.0/24"
VISITS = 60


class Scenes:
    """`told` are the words that addresses of pages may name in braces."""

    def __init__(self, stage: Stage, browsers: dict[str, Browser]) -> None:
        self.stage, self.browsers = stage, browsers
        self.told: dict[str, str] = {}
        self._made: set[str] = set()

    def make(self, name: str) -> None:
        """The scene and what it needs. Raises RuntimeError where the sandbox does not do what a scene asks of it."""
        build: dict[str, tuple[Callable[[], None], str]] = {
            "standing": (self._standing, ""), "draft": (self._draft, "standing"),
            "trouble": (self._trouble, "standing"), "offered": (self._offered, "standing"),
            "cloned": (self._cloned, "offered"),
        }  # fmt: skip
        step, needs = build[name]
        if name not in self._made:
            if needs:
                self.make(needs)
            step()
            self._made.add(name)

    def _standing(self) -> None:
        """A shop with its database and a blog with a jump host; all is well."""
        anna = self.stage.anna
        there = {one["name"]: one for one in anna.tenant_ops("environment", "list")}
        jump = ("web-jump", "--set", "ssh_from=0.0.0.0/0")
        for name, blueprint in (("shop", ("tomcat-oracle",)), ("blog", jump)):
            if name not in there:
                there[name] = anna.tenant_ops("environment", "launch", name, "--blueprint", *blueprint, "--wait")
            self.told[name] = there[name]["id"]
        self.told["balancer"] = self._balancer()["id"]
        groups = {one["name"]: one["id"] for one in anna.tenant_ops("firewall", "list")}
        self.told["group"] = groups["blog-fw"]

    def _draft(self) -> None:
        """SSH to the jump host from one network alone, if Anna applies her draft."""
        browser, group = self.browsers["anna"], f"/tenant_ops/firewall/group/{self.told['group']}/"
        browser.open(group)
        browser.until(lambda: browser.all("#ingress [data-fw-place]"), "the group's rules")
        if browser.all("#draft-bar"):
            return
        rules = browser.all("#ingress [data-fw-place]")
        ssh = next(one for one in rules if "blog-fw-ssh-in" in one.text)
        browser.driver.get(ssh.find_element("css selector", "a[href*='/rule/']").get_attribute("href"))
        browser.until(lambda: browser.all("#rule-form"), "the rule")
        browser.write("#source_ip_address", OFFICE)
        browser.find("#confirm").click()
        browser.until(lambda: browser.all("#draft-bar"), "the draft")

    def _trouble(self) -> None:
        """Of three servers of the shop one is drained and one is down; Anna watched it on an open page."""
        anna, browser = self.stage.anna, self.browsers["anna"]
        browser.open(f"/tenant_ops/loadbalancers/?open={self.told['balancer']}")
        browser.until(lambda: browser.all("[data-member]"), "the members on the page")
        if len(self._members()) < 3:
            anna.tenant_ops("scaling", "now", "shop", "out", "--wait")
            until(lambda: [one["state"] for one in self._members()].count("good") == 3, "the third server")
        self._visit()
        if not any(one["weight"] == 0 for one in self._members()):
            anna.tenant_ops("loadbalancer", "drain", "shop-lb", self._members()[1]["id"])
        if not self._down():
            victim = next(one for one in self._members() if one["weight"])
            browser.until(lambda: browser.all("[data-member][data-state=drained]"), "the drained member on the page")
            sandbox("tell", victim["server_id"], "die")
        self._visit()
        self.told["down"] = until(self._down, "the member going down")["id"]
        browser.until(lambda: " is down" in browser.text(".lb-events"), "the change in the history")

    def _visit(self) -> None:
        """A few people look at the shop."""
        door, address = {"http": url("door")}, f"http://{self._balancer()['floating_ip']}/"
        for _ in range(VISITS):
            with contextlib.suppress(requests.RequestException):
                requests.get(address, proxies=door, timeout=5)

    def _offered(self) -> None:
        """Anna offers the shop's data to Ben's project, and wants to be asked."""
        anna, to = self.stage.anna, self.stage.ben.project
        if not anna.tenant_ops("clone", "offers"):
            anna.tenant_ops("clone", "offer", "shop", "--to", to, "--max-lease", "8h", "--max-clones", "5")
        self.told["offer"] = anna.tenant_ops("clone", "offers")[0]["id"]

    def _cloned(self) -> None:
        """Ben has one copy, and asked for another one."""
        ben = self.stage.ben
        clones = {one["name"]: one for one in ben.tenant_ops("clone", "list")}
        for name, purpose in (("nightly", "The nightly tests"), ("rehearsal", "To rehearse Friday's upgrade")):
            if name not in clones:
                offer = self.told["offer"]
                clones[name] = ben.tenant_ops("clone", "request", offer, "--name", name, "--lease", "4h", "--purpose", purpose)
        self.told["clone"] = clones["nightly"]["id"]
        if clones["nightly"]["state"] == "requested":
            self.stage.anna.tenant_ops("clone", "approve", self.told["clone"])
        until(lambda: ben.tenant_ops("clone", "show", self.told["clone"])["state"] == "ready", "the copy", every=1.0)

    def _balancer(self) -> dict[str, Any]:
        found: dict[str, Any] = self.stage.anna.tenant_ops("loadbalancer", "show", "shop-lb")
        return found

    def _members(self) -> list[dict[str, Any]]:
        listeners = self._balancer()["tree"]["listeners"]
        return [one for listener in listeners for pool in listener["pools"] for one in pool["members"]]

    def _down(self) -> dict[str, Any] | None:
        return next((one for one in self._members() if one["state"] == "failed"), None)
