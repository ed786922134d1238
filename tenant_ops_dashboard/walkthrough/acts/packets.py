"""Real packets of a walkthrough: to the environment's own address alone, through the same door as proofs, bounded."""

from __future__ import annotations

import http.client
import socket
import time
from dataclasses import dataclass

from tenant_ops_dashboard.cloud import Cloud
from tenant_ops_dashboard.environments.proofs.sending import Answer, Way
from tenant_ops_dashboard.environments.proofs.targets import refused
from tenant_ops_dashboard.sentences import join, say, whole
from tenant_ops_dashboard.walkthrough.errors import InTheWay

#: Seconds for one request.
TRY = 2.0
#: Seconds after which none is sent any more by one look, whatever there is still to send.
LOOK = 8.0
OFF = say("This dashboard sends no packets (TENANT_OPS_PACKET_PROOFS).")


@dataclass(frozen=True)
class Heard:
    """What came of some requests: the good answers (status 200) in their order, and how many there were in all.

    `trouble` is what the last one that got none says. `doubt`: that is no proof that none comes, as somebody spoke, or
    the proxy on the way is not there.
    """

    answers: tuple[Answer, ...]
    sent: int
    trouble: str = ""
    doubt: bool = False

    @property
    def servers(self) -> tuple[str, ...]:
        """Who answered, each once, in the order of their first answers."""
        return tuple(dict.fromkeys(one.server for one in self.answers if one.server))

    @property
    def rows(self) -> int | None:
        """The rows that the last answer tells; None where it did not reach its database, or none came."""
        return self.answers[-1].rows if self.answers else None

    @property
    def words(self) -> str:
        """'answered by app-1, then app-2'."""
        if not self.servers:
            return self.trouble or say("no answer")
        return say("answered by {servers}", servers=join(say(", then "), self.servers))


def own(cloud: Cloud, address: str, balancer: str = "") -> None:
    """Only a floating IP of this very project that leads somewhere is sent anything: one call.

    With the id of a load balancer only one that leads to that, as people may put it elsewhere: one call more.
    Raises InTheWay, a CloudError.
    """
    if not cloud.options.packet_proofs:
        raise InTheWay(join(" ", (OFF, say("Your operator can switch that on."))))
    known = cloud.pages(
        "network", "/floatingips", "floatingips", floating_ip_address=address, project_id=cloud.project_id
    )
    ports = {one["port_id"] for one in known if one.get("project_id") == cloud.project_id and one.get("port_id")}
    if not ports:
        raise InTheWay(
            say(
                "{address} is no floating IP of this project that leads anywhere, so nothing is sent to it.",
                address=address,
            )
        )
    if balancer and _vip_port(cloud, balancer) not in ports:
        raise InTheWay(
            say(
                "{address} does not lead to the environment's load balancer any more, so nothing is sent to it: put it"
                " back, or reset all scenarios.",
                address=address,
            )
        )
    if why := refused(address, proxied=bool(cloud.options.proof_proxy)):
        raise InTheWay(whole(why))


def ask(
    cloud: Cloud, address: str, count: int, path: str = "/", patient: bool = False, balancer: str = ""
) -> Heard:  # fmt: skip
    """So many requests, one after the other; after one without an answer no more, unless `patient`.

    What is not sent within LOOK seconds is not sent. `balancer` and what it raises are as of `own`.
    """
    own(cloud, address, balancer)
    end = time.monotonic() + LOOK
    way, found, sent, trouble, doubt = Way(cloud.options.proof_proxy or None), list[Answer](), 0, "", False
    for _ in range(count):
        if time.monotonic() >= end:
            break
        sent += 1
        try:
            told = way.get(address, path, TRY)
        except (OSError, http.client.HTTPException) as error:
            trouble = str(error) or type(error).__name__
            doubt = doubt or bool(way.proxy and isinstance(error, ConnectionRefusedError | socket.gaierror))
        else:
            if told.status == http.HTTPStatus.OK:
                found.append(told)
                continue
            trouble = f"HTTP {told.status} {told.words}".strip()
            # A proxy says 5xx where nobody answers it.
            doubt = doubt or not way.proxy or told.status < http.HTTPStatus.INTERNAL_SERVER_ERROR
        if not patient:
            break
    return Heard(tuple(found), sent, trouble, doubt)


def write(cloud: Cloud, address: str, path: str, text: str, balancer: str) -> str:
    """One POST with a text, and what it was answered. Raises InTheWay where it was not taken, a CloudError."""
    own(cloud, address, balancer)
    try:
        told = Way(cloud.options.proof_proxy or None).post(address, path, text, TRY)
    except (OSError, http.client.HTTPException) as error:
        raise InTheWay(
            say("{address} did not answer ({why}); try again.", address=address, why=str(error) or type(error).__name__)
        ) from error
    if told.status not in (http.HTTPStatus.OK, http.HTTPStatus.CREATED):
        raise InTheWay(
            say(
                "The application at {address} takes no POST {path} (HTTP {status}): leave this step out.",
                address=address,
                path=path,
                status=told.status,
            )
        )
    return told.words


def _vip_port(cloud: Cloud, balancer: str) -> str:
    return str(cloud.get("load-balancer", f"/lbaas/loadbalancers/{balancer}")["loadbalancer"]["vip_port_id"])
