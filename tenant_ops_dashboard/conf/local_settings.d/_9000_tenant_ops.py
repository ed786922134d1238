"""Every setting of Tenant Ops with its default. Copy this file into openstack_dashboard/local/local_settings.d/ and
change what should differ; without it these defaults hold. Times are in seconds.
"""

# --- Blueprints ---

# More folders with blueprints: each sub-folder with a `template.yaml` is one (docs/environments.md#blueprints), and so
# is each template that lies there by itself (docs/import.md). They stand after the shipped ones.
TENANT_OPS_BLUEPRINT_FOLDERS = []

# --- Calls to OpenStack ---

# The longest that one call to OpenStack may take, and one that changes something.
TENANT_OPS_TIMEOUT = 20
TENANT_OPS_WRITE_TIMEOUT = 60

# The longest that all reads of one page may take together, logins included. A change that was begun has 10 seconds at
# least.
TENANT_OPS_BUDGET = 10

# --- Live pages ---

# How often a page asks for news while something is being made or taken away, and otherwise.
TENANT_OPS_POLL_BUSY_SECONDS = 2
TENANT_OPS_POLL_IDLE_SECONDS = 10

# The same for the load balancers' page: while something moves or did in the last five minutes (1.5 brings a change
# within 3 seconds where OpenStack takes half a second for a look), and when nothing does.
TENANT_OPS_BALANCERS_BUSY_SECONDS = 1.5
TENANT_OPS_BALANCERS_CALM_SECONDS = 5

# How long a state is shared between the pages of a project's members with the same roles, and how long the last good
# one is shown, grey, while OpenStack does not answer. Kept in Django's cache (`CACHES`).
TENANT_OPS_CACHE_SECONDS = 1.5
TENANT_OPS_LAST_GOOD_SECONDS = 900

# --- Firewall ---

# The back end of FWaaS, for a cloud whose Neutron does not tell it: "ovn" (allowing is stateless, replies need rules of
# their own) or "l3-agent" (docs/operating.md#the-firewalls-back-end). What Neutron tells counts more than this.
TENANT_OPS_FIREWALL_PROFILE = ""

# --- Unattended care ---

# The id of the plugin's user, to whom people may give a trust for one environment or clone, and the name of that user's
# cloud in `clouds.yaml` for `manage.py tenant_ops_care` (docs/install.md#what-goes-on-while-nobody-looks). Without them
# nobody is offered it.
TENANT_OPS_SERVICE_USER = ""
TENANT_OPS_SERVICE_CLOUD = ""

# Which of a person's roles such a trust hands on (never "admin", "manager" or "service"), and after how many days it
# ends; it can be given anew. A cloud whose Heat asks for a role of its own, such as "heat_stack_owner", needs that role
# here.
TENANT_OPS_TRUST_ROLES = ("member", "load-balancer_member")
TENANT_OPS_TRUST_DAYS = 90

# --- Proofs with packets ---

# Whether Horizon sends packets of its own to prove that an application answers and its database does not; and an HTTP
# proxy through which they reach floating IPs. Without one they go directly, and private addresses are left alone
# (docs/environments.md#where-packets-go).
TENANT_OPS_PACKET_PROOFS = True
TENANT_OPS_PROOF_PROXY = ""

# Where a browser finds a floating IP, if not at its own address: "https://gateway.example/{address}/".
TENANT_OPS_ADDRESS_VIA = ""

# --- Audit trail ---

# A file for the audit trail: one CADF event a line for every change. Without it the events go where Python logging
# sends `tenant_ops.audit` (`LOGGING`), and where nothing is configured to standard error, the web server's error log
# (docs/audit.md#the-log).
TENANT_OPS_AUDIT_LOG = ""

# How many days events stay in the database, where Horizon has one (0: for ever); `tenant_ops_care` prunes them.
TENANT_OPS_AUDIT_DAYS = 365

# A message bus that is told of every event, as oslo.messaging writes addresses ("rabbit://user:password@host:5672/"),
# and the topics. `tenant_ops_care` tells it; that takes a database and the package oslo.messaging
# (docs/audit.md#where-events-go).
TENANT_OPS_AUDIT_NOTIFY_URL = ""
TENANT_OPS_AUDIT_NOTIFY_TOPICS = ("notifications",)

# --- Posture ---

# How long one reading of the posture is shared between those who may see the same; and how many days what was
# acknowledged and reviewed stays in the database once it counts no more (0: for ever); `tenant_ops_care` prunes it.
TENANT_OPS_POSTURE_SECONDS = 120
TENANT_OPS_POSTURE_DAYS = 730

# --- Clones ---

# The image and flavor (names or ids) of the server that masks copies of data in their owner's project: cloud-init runs
# the image's program `tenant-ops-mask` there (docs/clones.md#masks). Without them no offer takes a mask.
TENANT_OPS_MASK_IMAGE = ""
TENANT_OPS_MASK_FLAVOR = ""

# The image and flavor (names or ids) of the database server by which a copy of data is served in its owner's project
# (docs/clones.md#served-instead-of-handed-over). Without them copies are handed over only.
TENANT_OPS_SERVE_IMAGE = ""
TENANT_OPS_SERVE_FLAVOR = ""

# How many days clones that ended and withdrawn offers stay in the database (0: for ever); `tenant_ops_care` prunes.
TENANT_OPS_CLONE_DAYS = 365

# --- HTTP API ---

# How many requests a minute the HTTP API takes for one project (0: any number), counted in Django's cache (`CACHES`)
# (docs/api.md).
TENANT_OPS_API_RATE = 120

# --- Policy ---

# Who may do what stands in `conf/tenant_ops_policy.yaml` of this package (docs/policy.md). To change it, copy that file
# and name the copy here.
# POLICY_FILES["tenant_ops"] = "/etc/openstack-dashboard/tenant_ops_policy.yaml"
