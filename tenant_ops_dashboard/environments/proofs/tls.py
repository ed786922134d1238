"""HTTPS to the address: whether it answers, and what can be verified of the certificate that it shows.

The address is all that is known: which name people use is not. So the chain is verified with the authorities of the
host that asks (SSL_CERT_FILE of its environment counts), and the name where the certificate names the address.
"""

from __future__ import annotations

import datetime
import http.client
import ssl
import time
from dataclasses import dataclass
from typing import Any

from tenant_ops_dashboard.certificates.model import is_soon, until
from tenant_ops_dashboard.environments.model import Proof, State
from tenant_ops_dashboard.environments.proofs import sending
from tenant_ops_dashboard.environments.proofs.answer import LONGEST_NAME, Answer, tidy
from tenant_ops_dashboard.environments.proofs.sending import SECONDS, TRY, Way, host_of, words
from tenant_ops_dashboard.environments.proofs.targets import literal
from tenant_ops_dashboard.sentences import join, say

TITLE = say("Answers from outside over HTTPS")
_NAMED = 3
SHORTEST = 0.2  # seconds that even the last connection gets
#: What x509_vfy.h of OpenSSL calls X509_V_ERR_CERT_NOT_YET_VALID and X509_V_ERR_CERT_HAS_EXPIRED.
_TIMES = {9: say("it does not hold yet"), 10: say("it has ended")}


@dataclass(frozen=True)
class Shown:
    """The certificate of a connection. `doubt` says why its chain could not be verified, '' where it was.

    An address is named by `addresses` alone, not by a DNS name or a common name that reads like one (RFC 9525, 6.5).
    """

    names: tuple[str, ...]
    addresses: tuple[str, ...]
    issuer: str
    ends: datetime.datetime
    protocol: str
    doubt: str


class Untimely(Exception):
    """The certificate does not hold now; the text says which way."""


def secured(way: Way, address: str, port: int) -> Proof:
    """One request over TLS, within seconds; a warning from 30 days before the certificate's end."""
    place, trouble = _place(address, port), ""
    end = time.monotonic() + SECONDS
    while time.monotonic() < end:
        try:
            said, shown = _ask(way, address, port, end)
        except Untimely as error:
            return Proof("https", TITLE, "failed", say(
                "{place} shows a certificate that browsers refuse: {why}.", place=place, why=str(error)))  # fmt: skip
        except ssl.SSLError as error:
            trouble = say("no TLS came about ({reason})", reason=tidy(str(error.reason or error), LONGEST_NAME))
        except (OSError, http.client.HTTPException) as error:
            trouble = words(error)
        except ValueError:
            # What Python cannot decode of a certificate.
            trouble = say("its certificate cannot be read")
        else:
            return _told(place, said, shown, address)
        time.sleep(0.2)
    told = say("{place} gave no good answer within {seconds:.0f} seconds: {said}.",
               place=place, seconds=SECONDS, said=trouble or say("no answer"))  # fmt: skip
    return Proof("https", TITLE, "failed", told)


def _told(place: str, said: Answer, shown: Shown, address: str) -> Proof:
    now = datetime.datetime.now(datetime.UTC)
    state: State = "failed" if not said.good else "warning" if is_soon(shown.ends, now) else "good"
    called = ", ".join(shown.names[:_NAMED]) or say("nobody")
    held = say("The certificate for {names} {until}.", names=called, until=until(shown.ends, now))
    chain = say("Its chain was verified with the authorities of the host that asked.")
    if shown.doubt:
        chain = say(
            "Its chain was not verified: the host that asked does not trust {issuer} ({doubt}).",
            issuer=shown.issuer, doubt=shown.doubt,
        )  # fmt: skip
    name = say("Its name was verified: it names the address.")
    if address not in shown.addresses:
        name = say("Its name was not verified: it does not name the address that was asked.")
    how = say("{place} was answered with HTTP {status} over {protocol}.",
              place=place, status=said.status, protocol=shown.protocol)  # fmt: skip
    return Proof("https", TITLE, state, join(" ", (how, held, chain, name)))


def _ask(way: Way, address: str, port: int, end: float) -> tuple[Answer, Shown]:
    """The answer and the certificate, each connection within what is left until `end`.

    Raises Untimely, a ValueError where Python cannot read the certificate, or as `Way.tunnel`, ssl.SSLError with it.
    """
    trusted = ssl.create_default_context()
    trusted.check_hostname = False
    try:
        return _once(way, address, port, end, trusted, "")
    except ssl.SSLCertVerificationError as error:
        doubt = tidy(error.verify_message, LONGEST_NAME)
    blind = _plain()
    blind.verify_mode = ssl.CERT_NONE
    with way.tunnel(address, port, _left(end)) as line:
        shown = line.encrypt(blind).getpeercert(binary_form=True)
    if not shown:
        raise ssl.SSLError(doubt)
    # Python reads a certificate that was verified: this one is, with itself.
    itself = _plain()
    itself.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
    itself.load_verify_locations(cadata=shown)
    try:
        return _once(way, address, port, end, itself, doubt)
    except ssl.SSLCertVerificationError as error:
        raise Untimely(_TIMES.get(error.verify_code, tidy(error.verify_message, LONGEST_NAME))) from None


def _left(end: float) -> float:
    return max(SHORTEST, min(TRY, end - time.monotonic()))


def _plain() -> ssl.SSLContext:
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    made.check_hostname = False
    return made


def _once(
    way: Way, address: str, port: int, end: float, context: ssl.SSLContext, doubt: str
) -> tuple[Answer, Shown]:
    with way.tunnel(address, port, _left(end)) as line:
        connection = line.encrypt(context)
        certificate = _read(connection.getpeercert() or {}, connection.version() or "TLS", doubt)
        return sending.said(line, "GET", "/", _authority(address, port)), certificate


def _read(told: dict[str, Any], protocol: str, doubt: str) -> Shown:
    own = _common_name(told.get("subject", ()))
    addresses, names = _named(told, "IP Address"), _named(told, "DNS")
    ends = datetime.datetime.fromtimestamp(ssl.cert_time_to_seconds(told["notAfter"]), datetime.UTC)
    issuer = _common_name(told.get("issuer", ())) or say("its issuer")
    shown = (*names, *addresses) or tuple(filter(None, [own]))
    return Shown(shown, addresses, issuer, ends, protocol, doubt)


def _named(told: dict[str, Any], kind: str) -> tuple[str, ...]:
    found = (value for what, value in told.get("subjectAltName", ()) if what == kind)
    made = (tidy(one, LONGEST_NAME) if kind == "DNS" else literal(one.strip()) for one in found)
    return tuple(filter(None, made))


def _common_name(parts: Any) -> str:
    found = [value for part in parts for key, value in part if key in ("commonName", "organizationName")]
    return tidy(found[-1], LONGEST_NAME) if found else ""


def _authority(address: str, port: int) -> str:
    return host_of(address) if port == 443 else f"{host_of(address)}:{port}"


def _place(address: str, port: int) -> str:
    return f"https://{_authority(address, port)}/"
