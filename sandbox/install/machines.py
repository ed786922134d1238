"""The image of servers that are whole systems: Debian 12 with systemd, cloud-init and what blueprints install."""

from __future__ import annotations

import shutil

from sandbox import process
from sandbox.errors import SandboxError
from sandbox.install import debian, ovn, stamps
from sandbox.settings import Settings

#: Unpacked alone: installed, systemd-container would start a service.
TOOLS = ("systemd-container", "mmdebstrap")
SUITE = "bookworm"
SYSTEM = (
    "systemd", "systemd-sysv", "dbus", "udev", "cloud-init", "openssh-server", "ca-certificates", "iproute2", "netbase",
    "e2fsprogs", "curl", "iputils-ping",
)  # fmt: skip
#: Servers have no way to an archive of packages, so the image brings what user data would fetch.
BLUEPRINTS = ("tomcat10", "libpostgresql-jdbc-java", "postgresql", "nginx-light")
IDLE = "tomcat10 nginx postgresql"
CLOUD_INIT = (
    "datasource_list: [NoCloud]\\nnetwork: {config: disabled}\\nlocale: C.UTF-8\\napt: {preserve_sources_list: true}\\n"
)
HOOKS = (
    f'chroot "$1" systemctl disable {IDLE}',
    f"printf '{CLOUD_INIT}' > \"$1/etc/cloud/cloud.cfg.d/90_sandbox.cfg\"",
    'rm -f "$1"/etc/ssh/ssh_host_*',
)


def install(s: Settings) -> None:
    """Makes the image, anew where another one is wanted. Raises SandboxError where packages cannot be fetched."""
    if not s.data_plane:
        raise SandboxError(
            f"Servers cannot be whole systems: {s.data_plane_missing}.", "Run 'make demo REAL=0', or give it that."
        )
    if not s.nspawn.exists():
        debian.install_tools(s, list(TOOLS))
    with stamps.needed(s, "image", *command(s)) as due:
        if due:
            shutil.rmtree(s.image, ignore_errors=True)
            process.run(s, "image", command(s))


def command(s: Settings) -> list[str]:
    """What makes the image in its folder."""
    hooks = [f"--customize-hook={one}" for one in HOOKS]
    return [
        # What it mounts goes with it, however it ends.
        "unshare", "--mount", "perl", str(s.unpacked / "usr/bin/mmdebstrap"), "--mode=root", "--variant=minbase",
        f"--include={','.join(SYSTEM + BLUEPRINTS)}", "--aptopt=APT::Install-Recommends \"false\"",
        "--dpkgopt=force-unsafe-io", *hooks, SUITE, str(s.image),
        *(f"deb {ovn.mirror()} {suite} main" for suite in (SUITE, f"{SUITE}-updates")),
    ]  # fmt: skip
