"""The pictures of docs/images: of which page, seen by whom, after which scene. A page more is one entry more."""

from __future__ import annotations

from dataclasses import dataclass

#: What a page shows while it still reads something.
UNFINISHED = "#tenant-ops .to-bone, #tenant-ops .is-stale, #tenant-ops .is-working"


@dataclass(frozen=True)
class Picture:
    """`who` is Anna or Ben of the stage, else one of the sandbox's own people, for whom nothing is set up: `scene` is then empty.

    `view` is the page by panel and name, `address` its path below Horizon with the scenes' words in braces.

    It is taken once `ready` (a CSS selector) is there and `says` stands in it, of the element `part`, in a window of `width` pixels.
    `tall` is the window's height, for a page that is longer than is of use; 0 is the page's own.
    """

    name: str
    scene: str
    who: str
    view: str
    address: str
    ready: str
    says: str = ""
    part: str = "#tenant-ops"
    width: int = 1280
    tall: int = 0


HOME = "/tenant_ops/"
LOADBALANCERS, FIREWALL, CLONES = f"{HOME}loadbalancers/", f"{HOME}firewall/", f"{HOME}clones/"
GROUP = FIREWALL + "group/{group}/"
INTO_THE_DATABASE = "?source=internet&target=tier:shop/database&protocol=tcp&port=1521"

ALBUM = (
    Picture("launch", "standing", "anna", "environments:launch", f"{HOME}launch/?name=shop-2", "#plan svg", "Launch"),
    Picture("probe", "standing", "anna", "firewall:probe", f"{FIREWALL}probe/{INTO_THE_DATABASE}", ".fw-answer"),
    Picture("firewall", "standing", "anna", "firewall:index", FIREWALL, "#firewall-groups", "shop-fw"),
    Picture("firewall-draft", "draft", "anna", "firewall:group", GROUP, "#draft-bar", "Lost", tall=1000),
    Picture("firewall-review", "draft", "anna", "firewall:apply", GROUP + "apply/", "#apply-form", tall=1000),
    Picture(
        "environment", "draft", "anna", "environments:show", HOME + "environment/{shop}/", "#proofs",
        "all 8 promises kept", tall=1310,
    ),
    Picture("posture", "standing", "anna", "posture:index", f"{HOME}posture/", "#posture-table", "SSH"),
    Picture("environments", "trouble", "anna", "environments:index", HOME, "#environments", "1 warning"),
    Picture(
        "loadbalancers", "trouble", "anna", "loadbalancers:index", LOADBALANCERS + "?open={balancer}",
        "#lb-{balancer} [data-state=failed]", part="#lb-{balancer}",
    ),
    Picture(
        "why", "trouble", "anna", "loadbalancers:why", LOADBALANCERS + "balancer/{balancer}/member/{down}/why/",
        "#tenant-ops .to-card",
    ),
    Picture(
        "scaling", "trouble", "anna", "loadbalancers:rules", LOADBALANCERS + "balancer/{balancer}/scaling/",
        "#rules-form",
    ),
    Picture("clone-request", "offered", "ben", "clones:request", CLONES + "offer/{offer}/request/", "#request-form"),
    Picture("clones", "cloned", "ben", "clones:index", CLONES, "#clones", "ready"),
    Picture("clone", "cloned", "ben", "clones:show", CLONES + "clone/{clone}/", "#clone-lineage"),
    Picture("clones-inbox", "cloned", "anna", "clones:index", CLONES, "#clones-inbox"),
    Picture(
        "walkthrough", "", "presenter", "walkthrough:index", f"{HOME}walkthrough/", "#scenarios [data-light]:not([data-light=building])",
        tall=1000,
    ),
    Picture(
        "walkthrough-present", "", "presenter", "walkthrough:present",
        f"{HOME}walkthrough/scenario/orchestration/step/launch/present/", "#step", tall=720,
    ),
    Picture("doctor", "", "operator", "doctor:index", f"{HOME}doctor/", "#doctor-table", tall=1000),
    Picture("audit", "cloned", "anna", "audit:index", f"{HOME}audit/", "#tenant-ops table"),
)  # fmt: skip
