"""The amphora agent's API without its HTTP: what Octavia's own amphora driver calls, done here at once."""

from __future__ import annotations

import hashlib
import time
from typing import Any

from octavia.amphorae.driver_exceptions import exceptions as driver_exceptions
from octavia.amphorae.drivers.haproxy import exceptions
from octavia.common import constants
from octavia.common import exceptions as octavia_exceptions
from oslo_config import cfg

from sandbox_drivers import guest, keepalived, links, places, records
from sandbox_drivers.haproxy import Amphora, adapt, own_paths
from sandbox_drivers.places import GuestError

CONF = cfg.CONF
API = "1.0"
PLUG_SECONDS = 20


class Refused(octavia_exceptions.OctaviaException):
    message = "%(reason)s"


def amphora(amp: Any) -> Amphora:
    """The namespace's record of Octavia's amphora. Raises TimeOutException where its server is not switched on."""
    found = Amphora(CONF.haproxy_amphora.base_path, amp.id)
    if amp.compute_id and found.compute != amp.compute_id:
        found.remember(amp.compute_id)
    if places.data_plane() and not found.booted():
        raise driver_exceptions.TimeOutException()
    return found


class LocalAgent:
    """Method by method what AmphoraAPIClient1_0 is, with the same arguments."""

    def get_api_version(
        self, amp: Any, timeout_dict: Any = None, raise_retry_exception: bool = False
    ) -> dict[str, str]:
        try:
            amphora(amp)
        except driver_exceptions.TimeOutException:
            if raise_retry_exception:
                raise driver_exceptions.AmpConnectionRetry(exception="its server is not switched on") from None
            raise
        return {"api_version": API}

    def get_info(self, amp: Any, raise_retry_exception: bool = False, timeout_dict: Any = None) -> dict[str, Any]:
        return {"api_version": API, "haproxy_version": version(), "hostname": amp.id, "amphora_id": amp.id}

    def get_details(self, amp: Any) -> dict[str, Any]:
        memory = {"total": 512000, "buffers": 0, "cached": 0, "free": 400000}
        return {"active_tuned_profiles": "", "cpu_count": "1", "memory": memory}

    def upload_config(self, amp: Any, loadbalancer_id: str, config: str, timeout_dict: Any = None) -> None:
        if not places.data_plane():
            return
        a, options = amphora(amp), CONF.haproxy_amphora
        try:
            a.configure(loadbalancer_id, adapt(config, a, options.base_path, options.base_cert_dir))
        except GuestError as e:
            raise Refused(reason=f"haproxy refuses the configuration: {e}") from e

    def reload_listener(self, amp: Any, object_id: str, timeout_dict: Any = None) -> None:
        if not places.data_plane():
            return
        a = amphora(amp)
        if a.config(object_id).exists():
            a.run(object_id)

    start_listener = reload_listener

    def delete_listener(self, amp: Any, object_id: str) -> None:
        amphora(amp).stop(object_id)

    def _certificate(self, amp: Any, lb: str, name: str) -> Any:
        return amphora(amp).base / "certs" / lb / name

    def upload_cert_pem(self, amp: Any, loadbalancer_id: str, pem_filename: str, pem_file: str | bytes) -> None:
        path = self._certificate(amp, loadbalancer_id, pem_filename)
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        text = pem_file.decode() if isinstance(pem_file, bytes) else pem_file
        options = CONF.haproxy_amphora
        # a crt-list is uploaded the same way, and names the certificates by their paths
        if "-----BEGIN" not in text:
            text = own_paths(text, amphora(amp), options.base_path, options.base_cert_dir)
        path.touch(mode=0o600)
        path.write_text(text)

    def get_cert_md5sum(self, amp: Any, loadbalancer_id: str, pem_filename: str, ignore: Any = ()) -> str | None:
        path = self._certificate(amp, loadbalancer_id, pem_filename)
        return hashlib.md5(path.read_bytes(), usedforsecurity=False).hexdigest() if path.exists() else None

    def delete_cert_pem(self, amp: Any, loadbalancer_id: str, pem_filename: str) -> None:
        self._certificate(amp, loadbalancer_id, pem_filename).unlink(missing_ok=True)

    def update_cert_for_rotation(self, amp: Any, pem_file: Any) -> None:
        """The agent's own certificate; there is no agent."""

    def update_agent_config(self, amp: Any, agent_config: Any, timeout_dict: Any = None) -> None:
        """The heartbeats read octavia.conf itself."""

    def plug_vip(self, amp: Any, vip: str, net_info: dict[str, Any]) -> None:
        """Gives the VIPs to the interface of that MAC, which Nova has plugged. Raises Refused where it is not there."""
        if not places.data_plane():
            return
        # One of two gets it by keepalived.
        pair = amp.role in (constants.ROLE_MASTER, constants.ROLE_BACKUP)
        addresses = [] if pair else [vip, *(more["ip_address"] for more in net_info["additional_vips"])]
        end = time.monotonic() + PLUG_SECONDS
        while True:
            try:
                guest.address(amphora(amp).compute, net_info["mac_address"], addresses)
                return
            except GuestError as e:
                if time.monotonic() > end:
                    raise Refused(reason=f"The VIP {vip} could not be plugged: {e}") from e
                time.sleep(0.2)

    def plug_network(self, amp: Any, port: dict[str, Any]) -> None:
        """Nova's driver has given the interface its addresses; a VIP on it is all that can be missing."""
        info = port.get("vip_net_info")
        if info:
            self.plug_vip(amp, info["vip"], info)

    def get_interface(self, amp: Any, ip_addr: str, timeout_dict: Any = None, log_error: bool = True) -> dict[str, str]:
        record = records.read(amphora(amp).compute) or records.empty()
        for port in record["ports"].values():
            if ip_addr in [a.split("/")[0] for a in port["addresses"]] + port.get("vips", []):
                return {"interface": port["dev"]}
        raise exceptions.NotFound()

    def set_interface_rules(self, amp: Any, ip_address: str, rules: Any, timeout_dict: Any = None) -> None:
        """Rules inside the amphora are for SR-IOV VIPs, which security groups cannot filter."""

    def upload_udp_config(self, amp: Any, listener_id: str, config: str, timeout_dict: Any = None) -> None:
        raise Refused(reason="UDP and SCTP need the provider 'ovn' here: these amphorae have no kernel of their own.")

    def upload_vrrp_config(self, amp: Any, config: str) -> None:
        if places.data_plane():
            a, options = amphora(amp), CONF.haproxy_amphora
            keepalived.configure(a, own_paths(config, a, options.base_path, options.base_cert_dir))

    def start_vrrp(self, amp: Any, timeout_dict: Any = None) -> None:
        """Also what a reload is: one that runs reads its configuration anew."""
        if places.data_plane():
            keepalived.run(amphora(amp))

    reload_vrrp = start_vrrp

    def stop_vrrp(self, amp: Any, timeout_dict: Any = None) -> None:
        if places.data_plane():
            keepalived.stop(amphora(amp))


def version() -> str:
    """haproxy's own version, such as '2.6.12'."""
    words = links.run(places.haproxy(), "-v", check=False).split()
    return next((w.split("-")[0] for w in words if w[:1].isdigit() and "." in w), "2.6")
