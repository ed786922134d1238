"""Cinder driver: a volume is a sparse raw file in a folder, a snapshot or a clone is a copy of its bytes.

No device mapper, iSCSI, NFS or root helper is needed, and what a test wrote is what a clone holds.
"""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path
from typing import Any

from cinder import exception, interface
from cinder.image import image_utils
from cinder.volume import driver, volume_utils
from oslo_config import cfg

from sandbox_drivers import files

OPTIONS = [cfg.StrOpt("sandbox_volume_dir", default="$state_path/volumes", help="Folder of the volumes' raw files.")]
cfg.CONF.register_opts(OPTIONS, group="backend_defaults")


@interface.volumedriver
class DirectoryDriver(driver.VolumeDriver):
    """Volumes as raw files in one folder."""

    VERSION = "1.0.0"

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.configuration.append_config_values(OPTIONS)
        self.folder = Path(self.configuration.sandbox_volume_dir)

    def do_setup(self, context: Any) -> None:
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        files.clean(self.folder)

    def check_for_setup_error(self) -> None:
        pass

    def path(self, thing: Any) -> Path:
        """The raw file of a volume or snapshot."""
        return self.folder / thing.name

    def local_path(self, volume: Any) -> str:
        return str(self.path(volume))

    def _copy(self, source: Any, target: Any, size_gb: int) -> None:
        try:
            files.copy(self.path(source), self.path(target), size_gb)
        except subprocess.CalledProcessError as e:
            raise exception.VolumeBackendAPIException(
                data=f"{source.name} could not be copied: {e.stderr.strip()}"
            ) from e

    def create_volume(self, volume: Any) -> None:
        files.create(self.path(volume), volume.size)

    def delete_volume(self, volume: Any) -> None:
        self.path(volume).unlink(missing_ok=True)

    def create_snapshot(self, snapshot: Any) -> None:
        self._copy(snapshot.volume, snapshot, snapshot.volume_size)

    def delete_snapshot(self, snapshot: Any) -> None:
        self.path(snapshot).unlink(missing_ok=True)

    def create_volume_from_snapshot(self, volume: Any, snapshot: Any) -> None:
        self._copy(snapshot, volume, volume.size)

    def create_cloned_volume(self, volume: Any, src_vref: Any) -> None:
        self._copy(src_vref, volume, volume.size)

    def revert_to_snapshot(self, context: Any, volume: Any, snapshot: Any) -> None:
        self._copy(snapshot, volume, volume.size)

    def extend_volume(self, volume: Any, new_size: int) -> None:
        files.grow(self.path(volume), new_size)

    def clone_image(
        self, context: Any, volume: Any, image_location: Any, image_meta: Any, image_service: Any
    ) -> tuple[dict, bool]:
        return {}, False

    def copy_image_to_volume(
        self, context: Any, volume: Any, image_service: Any, image_id: str, disable_sparse: bool = False
    ) -> None:
        with files.whole(self.path(volume)) as part:
            part.touch(mode=0o600)
            image_utils.fetch_to_raw(
                context, image_service, image_id, str(part), self.configuration.volume_dd_blocksize,
                size=volume.size, run_as_root=False, disable_sparse=disable_sparse,
            )  # fmt: skip
            files.grow(part, volume.size)

    def copy_volume_to_image(self, context: Any, volume: Any, image_service: Any, image_meta: Any) -> None:
        volume_utils.upload_volume(
            context, image_service, image_meta, self.local_path(volume), volume, run_as_root=False
        )

    def initialize_connection(self, volume: Any, connector: Any) -> dict[str, Any]:
        return {"driver_volume_type": "local", "data": {"device_path": self.local_path(volume)}}

    def terminate_connection(self, volume: Any, connector: Any, **kwargs: Any) -> None:
        pass

    def initialize_connection_snapshot(self, snapshot: Any, connector: Any, **kwargs: Any) -> dict[str, Any]:
        return self.initialize_connection(snapshot, connector)

    def terminate_connection_snapshot(self, snapshot: Any, connector: Any, **kwargs: Any) -> None:
        pass

    def ensure_export(self, context: Any, volume: Any) -> None:
        pass

    def create_export(self, context: Any, volume: Any, connector: Any) -> None:
        pass

    def remove_export(self, context: Any, volume: Any) -> None:
        pass

    def create_export_snapshot(self, context: Any, snapshot: Any, connector: Any) -> None:
        pass

    def remove_export_snapshot(self, context: Any, snapshot: Any) -> None:
        pass

    def _update_volume_stats(self) -> None:
        disk = shutil.disk_usage(self.folder)
        self._stats = {
            "volume_backend_name": self.configuration.safe_get("volume_backend_name"),
            "vendor_name": "sandbox",
            "driver_version": self.VERSION,
            "storage_protocol": "file",
            "total_capacity_gb": round(disk.total / files.GIB, 1),
            "free_capacity_gb": round(disk.free / files.GIB, 1),
            "provisioned_capacity_gb": round(files.provisioned_gb(self.folder), 1),
            "max_over_subscription_ratio": "20.0",
            "reserved_percentage": 0,
            "thin_provisioning_support": True,
            "thick_provisioning_support": False,
            "multiattach": True,
            "QoS_support": False,
            "consistent_group_snapshot_enabled": False,
        }
