"""Masking: in the owner's project, in a server without network, before anything is handed over.

In the project that asked nobody could enforce it. The server reads the script from its user data, masks the volume
before it listens to anything, tells the result on its console with a word that only this try knows, and powers off. A
copy whose masking failed or did not report is destroyed.
"""

from __future__ import annotations

import base64
import gzip
import hashlib
import re
import secrets
from typing import Any

from tenant_ops_dashboard import audit
from tenant_ops_dashboard.changes import Change, Target, perform
from tenant_ops_dashboard.clones import markers, served
from tenant_ops_dashboard.clones.access import OFFER
from tenant_ops_dashboard.clones.errors import BadInput, Failed, Parked
from tenant_ops_dashboard.clones.model import Clone
from tenant_ops_dashboard.cloud import Cloud, Conflict, NotFound, values
from tenant_ops_dashboard.cloud.values import Shape, text, texts
from tenant_ops_dashboard.sentences import about, say

MASKED = "tenant_ops_masked"
#: Bytes of a script: with what stands around it, zipped and in base64, it fits into Nova's 65,535 of user data.
LONGEST = 32 * 1024
USER_DATA = 65_535
#: Seconds from the server's order to its report.
PATIENCE = 900
_TAGS = "2.52"  # Nova's API reference: tags of a server that is being created
_SERVER: Shape = {"id": text, "name": text, "status": text, "metadata": texts}
_REPORT = r"tenant-ops mask {} (done|failed)\b ?([^\r\n]*)"
_USER_DATA = """#cloud-config
write_files:
  - path: /etc/tenant-ops/tier.env
    permissions: "0600"
    content: |
      TENANT_OPS_MASK={script}
      TENANT_OPS_NONCE={nonce}
runcmd:
  - [sh, -c, "tenant-ops-mask > /dev/console 2>&1; poweroff"]
"""


def script(written: str) -> str:
    """A masking script as it is kept. Raises BadInput that names `mask`: empty, longer than LONGEST, no text."""
    found = written.replace("\r\n", "\n")
    if not found.strip():
        raise BadInput(about("mask", say("the script is empty.")), field="mask")
    if "\0" in found or len(found.encode("utf-8", "replace")) > LONGEST:
        raise BadInput(
            about("mask", say("the script is longer than {longest} kB, or no text.", longest=LONGEST // 1024)),
            field="mask",
        )
    if len(user_data(found, nonce())) > USER_DATA:
        raise BadInput(
            about("mask", say("the script cannot be packed small enough for a server's user data.")), field="mask"
        )
    return found


def digest(written: str) -> str:
    """What tells one script from another: SHA-256."""
    return hashlib.sha256(written.encode()).hexdigest()


def nonce() -> str:
    """A word that nobody can guess, so that no other text on the console is taken for the report."""
    return secrets.token_hex(16)


def user_data(written: str, word: str) -> str:
    """What the server is given, in base64 as Nova takes it."""
    packed = base64.b64encode(written.encode()).decode()
    return base64.b64encode(gzip.compress(_USER_DATA.format(script=packed, nonce=word).encode(), mtime=0)).decode()


def step(cloud: Cloud, clone: Clone, volume: markers.Row) -> bool | str:
    """One look and one act on the copy; True once it is masked and free, the id of a server that was just ordered.

    False where there is only to wait. Raises Failed where it was not masked, Parked, a CloudError.
    """
    found = [one for one in servers(cloud, clone) if markers.marked(one, clone)]
    if volume["metadata"].get(MASKED) == clone.nonce:
        return volume["status"] == "available" and not found if not _removed(cloud, clone, found) else False
    if not found:
        if clone.mask_server_id:
            raise Failed(say("The server that masked the copy was deleted before it told how that went."))
        if volume["status"] != "available":
            return False
        return perform(Order(cloud, clone, volume["id"]))
    server = found[0]
    if server["status"] == "ERROR":
        raise Failed(say("Nova could not build the server {name} that masks the copy.", name=server["name"]))
    state, words = report(cloud, clone, server["id"])
    if state == "failed":
        _tell(cloud, clone, words or say("it does not say why"))
        raise Failed(
            say(
                "The masking script failed; the audit trail of {project_name} has its words.",
                project_name=cloud.project_name,
            )
        )
    if state == "done":
        perform(Note(cloud, clone, volume["id"]))
    elif clone.began is not None and (cloud.now() - clone.began).total_seconds() > PATIENCE:
        raise Failed(
            say(
                "The server {name} did not tell within {patience} minutes how the masking went.",
                name=server["name"],
                patience=PATIENCE // 60,
            )
        )
    return False


def servers(cloud: Cloud, clone: Clone) -> list[markers.Row]:
    """The servers that mask for this clone: one call. Raises a CloudError."""
    found = cloud.pages("compute", "/servers/detail", "servers", _TAGS, tags=_tag(clone))
    rows = values.rows(found, _SERVER)
    return [one for one in rows if markers.of(one) == clone.id and served.SERVES not in one["metadata"]]


def tidy(cloud: Cloud, clone: Clone) -> bool:
    """Delete the servers that mask for it; whether none is left. Raises a CloudError."""
    return not _removed(cloud, clone, servers(cloud, clone))


def report(cloud: Cloud, clone: Clone, server_id: str) -> tuple[str, str]:
    """'done' or 'failed' with what the guest adds, ('', '') where its console says nothing yet. One call.

    The call is a read by POST (Nova's API reference, 'Show console output').
    """
    try:
        body = {"os-getConsoleOutput": {"length": None}}
        told = text(cloud.post("compute", f"/servers/{server_id}/action", body).get("output"), 200_000)
    except (Conflict, NotFound):
        return "", ""
    found = re.findall(_REPORT.format(re.escape(clone.nonce)), told)
    return found[-1] if found else ("", "")


def _tell(cloud: Cloud, clone: Clone, words: str) -> None:
    """The script's words are for the owner alone: a database that refuses a statement quotes what stands in it."""
    said = say("The masking script failed: {words}", words=words)
    audit.record(cloud, "evaluate", "clone", clone.id, clone.name, "failure", reason=said, verb="mask")


def _removed(cloud: Cloud, clone: Clone, found: list[markers.Row]) -> bool:
    """Whether there was something to delete."""
    for one in found:
        perform(Remove(cloud, clone, one["id"]))
    return bool(found)


def _tag(clone: Clone) -> str:
    return f"tenant-ops-clone-{clone.id}"


class Order(Change[str]):
    """The server that masks, with the copy as its second disk and no network; its id."""

    name = "clones.mask"
    rule = OFFER
    action = "create"
    kind = "server"
    patience = 5.0

    def __init__(self, cloud: Cloud, clone: Clone, volume_id: str) -> None:
        super().__init__(cloud)
        self.clone, self.volume_id = clone, volume_id
        self.target = Target("", f"{clone.name}-mask"[:255])
        self.says = f"the copy {volume_id}, with the script {digest(clone.offer.terms.mask)[:12]}"

    def prepare(self) -> str | None:
        self.image = chosen(self.cloud, "image", "/images", "images", self.cloud.options.mask_image)
        self.flavor = chosen(self.cloud, "compute", "/flavors", "flavors", self.cloud.options.mask_flavor)
        return self.happened()

    def send(self) -> str:
        disks = [
            {"boot_index": 0, "uuid": self.image, "source_type": "image", "destination_type": "local",
             "delete_on_termination": True},
            {"boot_index": -1, "uuid": self.volume_id, "source_type": "volume", "destination_type": "volume",
             "delete_on_termination": False},
        ]  # fmt: skip
        body: dict[str, Any] = {
            "name": self.target.name, "imageRef": self.image, "flavorRef": self.flavor, "networks": "none",
            # Without a network there is no metadata service to ask for what to do.
            "config_drive": True, "block_device_mapping_v2": disks, "tags": [_tag(self.clone)],
            "metadata": markers.marks(self.clone),
            "user_data": user_data(self.clone.offer.terms.mask, self.clone.nonce),
        }  # fmt: skip
        made = str(self.cloud.post("compute", "/servers", {"server": body}, _TAGS)["server"]["id"])
        self.target = Target(made, self.target.name)
        return made

    def happened(self) -> str | None:
        found = [one for one in servers(self.cloud, self.clone) if markers.marked(one, self.clone)]
        return str(found[0]["id"]) if found else None


class Note(Change[bool]):
    """The copy says that this try masked it: whoever goes on after a crash need not ask a server that may be gone."""

    name = "clones.note_masked"
    rule = OFFER
    action = "update"
    kind = "volume"

    def __init__(self, cloud: Cloud, clone: Clone, volume_id: str) -> None:
        super().__init__(cloud)
        self.clone = clone
        self.target = Target(volume_id, clone.name)

    def send(self) -> bool:
        path = f"/volumes/{self.target.id}/metadata"
        self.cloud.post("block-storage", path, {"metadata": {MASKED: self.clone.nonce}})
        return True

    def happened(self) -> bool | None:
        found = [one for one in markers.volumes(self.cloud, self.clone) if one["id"] == self.target.id]
        return True if found and found[0]["metadata"].get(MASKED) == self.clone.nonce else None

    def settled(self, made: bool) -> bool:
        return bool(self.happened())


class Remove(Change[bool]):
    """The server that masked goes; the copy stays."""

    name = "clones.remove_mask"
    rule = OFFER
    action = "delete"
    kind = "server"

    def __init__(self, cloud: Cloud, clone: Clone, server_id: str) -> None:
        super().__init__(cloud)
        self.target = Target(server_id, f"{clone.name}-mask"[:255])

    def send(self) -> bool:
        self.cloud.delete("compute", f"/servers/{self.target.id}")
        return True


def chosen(cloud: Cloud, service: str, path: str, key: str, words: str, what: str = "masking") -> str:
    """The id of an image or flavor that the operator named. Raises Parked."""
    known = cloud.pages(service, path, key)
    found = [one for one in known if words and words in (one.get("id"), one.get("name"))]
    if not found:
        raise Parked(
            say(
                "The project {project_name} sees no {key} '{words}', which the operator named for {what}: ask your "
                "operator.",
                project_name=cloud.project_name,
                key=key[:-1],
                words=words,
                what=what,
            )
        )
    return str(found[0]["id"])
