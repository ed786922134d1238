"""Nova's virtualisation driver: servers whose network is real, after Nova's in-tree driver that only keeps states.

Each server is a guest (sandbox_drivers.guest). After a restart the servers are read from Nova's database: a guest that
still stands is left alone, one that is missing is made again, one that Nova does not know is removed.
"""

from __future__ import annotations

import io
import json
import signal
import threading
import time
from typing import Any

import nova.conf
from nova import context as nova_context
from nova import exception, objects
from nova.compute import power_state, task_states
from nova.image import glance
from nova.virt import event, fake
from oslo_log import log as logging
from sandbox_drivers import machine, tier, wiring
from sandbox_drivers.places import GuestError

CONF = nova.conf.CONF
LOG = logging.getLogger(__name__)
ROOT = "/dev/vda"
SHUT = (power_state.SHUTDOWN, power_state.SUSPENDED)


def settings(instance: Any) -> dict[str, Any]:
    return tier.settings(instance.display_name, instance.user_data, instance.metadata)


def played(instance: Any) -> dict[str, Any]:
    """The same for the guest, with all of the user data where it is a whole system."""
    found = settings(instance)
    asked = machine.asked(instance.system_metadata, instance.metadata)
    if asked and machine.image() and instance.user_data and "mask" not in found:
        found["user_data"] = instance.user_data
    return found


class Driver(fake.FakeDriverWithoutFakeNodes):
    """`plane` makes the guests, or binds the ports alone where the machine allows no more."""

    capabilities = {**fake.FakeDriver.capabilities, "supports_migrate_to_same_host": True}

    def __init__(self, virtapi: Any, read_only: bool = False) -> None:
        super().__init__(virtapi, read_only)
        self.plane = wiring.plane()
        self.watched: set[str] = set()

    def init_host(self, host: str) -> None:
        super().init_host(host)
        admin = nova_context.get_admin_context()
        wanted = ["flavor", "info_cache", "metadata", "system_metadata"]
        instances = list(objects.InstanceList.get_by_host(admin, host, expected_attrs=wanted))
        self.plane.prune(i.uuid for i in instances)
        for instance in instances:
            self._adopt(admin, instance)

    def _adopt(self, admin: Any, instance: Any) -> None:
        known = (power_state.RUNNING, power_state.PAUSED, *SHUT)
        state = instance.power_state if instance.power_state in known else power_state.RUNNING
        self.instances[instance.uuid] = fake.FakeInstance(instance.name, state, instance.uuid)
        flavor, network = instance.flavor, instance.get_network_info()
        self.resources.claim(vcpus=flavor.vcpus, mem=flavor.memory_mb, disk=flavor.root_gb)
        self._interfaces.update({vif["id"]: vif for vif in network})
        try:
            if state in SHUT:
                self.plane.down(instance.uuid)
                return
            ports = [wiring.port(vif) for vif in network]
            volumes = self._volumes(admin, instance)
            self.plane.ensure(instance.uuid, instance.display_name, played(instance), ports, volumes)
            self._watch(instance)
        except GuestError:
            LOG.exception("The guest could not be started again.", instance=instance)

    def _volumes(self, admin: Any, instance: Any) -> dict[str, str]:
        mappings = objects.BlockDeviceMappingList.get_by_instance_uuid(admin, instance.uuid)
        attached = [
            {"mount_device": m.device_name, "connection_info": json.loads(m.connection_info)}
            for m in mappings
            if m.is_volume and m.connection_info
        ]
        return wiring.volumes({"root_device_name": instance.root_device_name, "block_device_mapping": attached})

    def default_root_device_name(self, instance: Any, image_meta: Any, root_bdm: Any) -> str:
        """Further devices are named after it: the first volume of a server is its /dev/vdb."""
        return ROOT

    def _up(self, instance: Any, network_info: Any, block_device_info: Any, wait: bool = False) -> None:
        """Switches the guest on; with `wait` until Neutron calls its ports ACTIVE, as a real driver does."""
        ports = [wiring.port(vif) for vif in network_info or []]
        awaited = [
            ("network-vif-plugged", vif["id"]) for vif in network_info or [] if wait and not vif.get("active", True)
        ]
        arguments = (instance.uuid, instance.display_name, played(instance), ports, wiring.volumes(block_device_info))
        try:
            if not awaited or not CONF.vif_plugging_timeout:
                self.plane.up(*arguments)
            else:
                with self.virtapi.wait_for_instance_event(instance, awaited, timeout=CONF.vif_plugging_timeout):
                    self.plane.up(*arguments)
            self._watch(instance)
        except exception.InstanceEventTimeout as e:
            if CONF.vif_plugging_is_fatal:
                self.plane.down(instance.uuid)
                raise exception.VirtualInterfaceCreateException() from e
            LOG.warning("Its ports were not ACTIVE after %s seconds.", CONF.vif_plugging_timeout, instance=instance)
        except GuestError as e:
            raise exception.InstanceDeployFailure(reason=str(e)) from e

    def _watch(self, instance: Any) -> None:
        """A guest that masks a volume switches itself off: Nova hears of it, and makes the server SHUTOFF."""
        if "mask" in settings(instance) and instance.uuid not in self.watched:
            self.watched.add(instance.uuid)
            threading.Thread(target=self._switched_off, args=(instance.uuid,), daemon=True).start()

    def _switched_off(self, uuid: str) -> None:
        """Says it until Nova has switched the guest off: while a server is being built, Nova does not listen."""
        try:
            while (known := self.instances.get(uuid)) and known.state not in SHUT and not self.plane.ended(uuid):
                time.sleep(0.3)
            while (known := self.instances.get(uuid)) and self.plane.ended(uuid):
                known.state = power_state.SHUTDOWN
                self.emit_event(event.LifecycleEvent(uuid, event.EVENT_LIFECYCLE_STOPPED))
                time.sleep(1)
        finally:
            self.watched.discard(uuid)

    def spawn(
        self, context: Any, instance: Any, image_meta: Any, injected_files: Any, admin_password: Any, allocations: Any,
        network_info: Any = None, block_device_info: Any = None, power_on: bool = True, accel_info: Any = None,
    ) -> None:  # fmt: skip
        super().spawn(
            context, instance, image_meta, injected_files, admin_password, allocations, network_info, block_device_info,
            power_on, accel_info,
        )  # fmt: skip
        if power_on:
            try:
                self._up(instance, network_info, block_device_info, wait=True)
            except exception.NovaException:
                self.destroy(context, instance, network_info)
                raise

    def destroy(self, context: Any, instance: Any, network_info: Any, *args: Any, **kwargs: Any) -> None:
        super().destroy(context, instance, network_info, *args, **kwargs)
        self._let_go(network_info)
        self.plane.down(instance.uuid, forget=True)

    def _let_go(self, network_info: Any) -> None:
        for vif in network_info or []:
            self._interfaces.pop(vif["id"], None)

    def power_off(self, instance: Any, timeout: int = 0, retry_interval: int = 0) -> None:
        super().power_off(instance, timeout, retry_interval)
        self.plane.down(instance.uuid)

    def power_on(
        self, context: Any, instance: Any, network_info: Any, block_device_info: Any = None, accel_info: Any = None,
        share_info: Any = None,
    ) -> None:  # fmt: skip
        """Also what a reboot comes to: a guest that stands is made anew."""
        super().power_on(context, instance, network_info, block_device_info, accel_info, share_info)
        self._up(instance, network_info, block_device_info)

    def resume_state_on_host_boot(self, *args: Any, **kwargs: Any) -> None:
        """`init_host` did it."""

    def pause(self, instance: Any) -> None:
        self.instances[instance.uuid].state = power_state.PAUSED
        self.plane.kill(instance.uuid, signal.SIGSTOP)

    def unpause(self, instance: Any) -> None:
        self.instances[instance.uuid].state = power_state.RUNNING
        self.plane.kill(instance.uuid, signal.SIGCONT)

    def suspend(self, context: Any, instance: Any) -> None:
        self.instances[instance.uuid].state = power_state.SUSPENDED
        self.plane.down(instance.uuid)

    def resume(
        self, context: Any, instance: Any, network_info: Any, block_device_info: Any = None, share_info: Any = None
    ) -> None:
        self.instances[instance.uuid].state = power_state.RUNNING
        self._up(instance, network_info, block_device_info)

    def migrate_disk_and_power_off(self, context: Any, instance: Any, dest: Any, *args: Any, **kwargs: Any) -> str:
        self.plane.down(instance.uuid)
        return "[]"

    def finish_migration(
        self, context: Any, migration: Any, instance: Any, disk_info: Any, network_info: Any, image_meta: Any,
        resize_instance: Any, allocations: Any, block_device_info: Any = None, power_on: bool = True,
        share_info: Any = None,
    ) -> None:  # fmt: skip
        super().finish_migration(
            context,
            migration,
            instance,
            disk_info,
            None,
            image_meta,
            resize_instance,
            allocations,
            block_device_info,
            False,
        )
        if power_on:
            self.instances[instance.uuid].state = power_state.RUNNING
            self._up(instance, network_info, block_device_info)

    def finish_revert_migration(
        self, context: Any, instance: Any, network_info: Any, migration: Any, block_device_info: Any = None,
        power_on: bool = True, share_info: Any = None,
    ) -> None:  # fmt: skip
        super().finish_revert_migration(context, instance, network_info, migration, block_device_info, power_on)
        if power_on:
            self._up(instance, network_info, block_device_info)

    def attach_interface(self, context: Any, instance: Any, image_meta: Any, vif: Any) -> None:
        super().attach_interface(context, instance, image_meta, vif)
        try:
            self.plane.plug(instance.uuid, wiring.port(vif))
        except GuestError as e:
            self._interfaces.pop(vif["id"], None)
            raise exception.InterfaceAttachFailed(instance_uuid=instance.uuid) from e

    def detach_interface(self, context: Any, instance: Any, vif: Any) -> None:
        super().detach_interface(context, instance, vif)
        self.plane.unplug(instance.uuid, vif["id"])

    def attach_volume(
        self, context: Any, connection_info: Any, instance: Any, mountpoint: str, disk_bus: Any = None,
        device_type: Any = None, encryption: Any = None,
    ) -> None:  # fmt: skip
        super().attach_volume(context, connection_info, instance, mountpoint, disk_bus, device_type, encryption)
        path = wiring.volume_path(connection_info)
        if path and mountpoint != instance.root_device_name:
            self.plane.attach(instance.uuid, mountpoint, path)

    def detach_volume(
        self, context: Any, connection_info: Any, instance: Any, mountpoint: str, encryption: Any = None
    ) -> None:
        super().detach_volume(context, connection_info, instance, mountpoint, encryption)
        self.plane.detach(instance.uuid, mountpoint)

    def snapshot(self, context: Any, instance: Any, image_id: str, update_task_state: Any) -> None:
        """An image that really is uploaded; its bytes say what it is of, since these servers have no disk."""
        if instance.uuid not in self.instances:
            raise exception.InstanceNotRunning(instance_id=instance.uuid)
        update_task_state(task_state=task_states.IMAGE_PENDING_UPLOAD)
        update_task_state(task_state=task_states.IMAGE_UPLOADING, expected_state=task_states.IMAGE_PENDING_UPLOAD)
        data = json.dumps({"server": instance.display_name, "uuid": instance.uuid, "tier": settings(instance)}).encode()
        glance.API().update(
            context,
            image_id,
            {"disk_format": "raw", "container_format": "bare"},
            data=io.BytesIO(data.ljust(512, b"\0")),
        )

    def get_console_output(self, context: Any, instance: Any) -> str:
        return self.plane.console(instance.uuid)
