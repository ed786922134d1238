"""The same tasks on Horizon's own pages, octavia-dashboard's and neutron-fwaas-dashboard's: what can be done there."""

from __future__ import annotations

from bench.counted import Hand

MODAL = "//*[contains(@class, 'modal-dialog')]"
SUBMIT = f"{MODAL}//input[@type='submit']"


def health(hand: Hand) -> str:
    """Which members serve; since when is not told."""
    _members(hand)
    return hand.see("//tr[contains(., '8080')][contains(., 'Online')]")


def drain_and_back(hand: Hand) -> None:
    """The member's weight is 0, then 1 again; each seen in its row."""
    _members(hand)
    for weight, seen in (("0", "Draining"), ("1", "Online")):
        path = "[contains(., 'Draining')]" if weight == "1" else "[contains(., 'Online')]"
        hand.press(f"(//tr[contains(., '8080')]{path})[1]//button[contains(., 'Edit Member')]")
        hand.write(f"{MODAL}//input[@name='weight']", weight)
        hand.press(f"{MODAL}//button[contains(., 'Update')]")
        hand.gone(MODAL)
        if seen == "Draining":
            hand.see("//tr[contains(., '8080')][contains(., 'Draining')]")
        else:
            hand.gone("//tr[contains(., '8080')][contains(., 'Draining')]")


def give_copy(hand: Hand, name: str) -> tuple[str, str]:
    """The owner copies the volume and offers the copy; the transfer's id and key, to be told to the other person.

    An attached volume is no source of a new one there, only its snapshot is (`VOLUME_STATE_AVAILABLE` in
    openstack_dashboard/dashboards/project/volumes/forms.py).
    """
    _volumes(hand)
    hand.press(f"{_row('shop-data')}//a[contains(@class, 'dropdown-toggle')]")
    hand.press(f"{_row('shop-data')}//a[contains(@href, '/create_snapshot/')]")
    hand.write(f"{MODAL}//*[@id='id_name']", name)
    hand.press(SUBMIT)
    hand.press(f"{_row(name)}[contains(., 'Available')]//a[contains(@href, 'snapshot_id=')]")
    hand.write(f"{MODAL}//*[@id='id_name']", name)
    hand.press(SUBMIT)
    hand.press(f"{_row(name)}[contains(., 'Available')]//a[contains(@class, 'dropdown-toggle')]")
    hand.press(f"{_row(name)}//a[contains(@href, '/create_transfer/')]")
    hand.write(f"{MODAL}//*[@id='id_name']", name)
    hand.press(SUBMIT)
    hand.see("//*[@id='id_auth_key']")
    return hand.value("//*[@id='id_id']"), hand.value("//*[@id='id_auth_key']")


def take_copy(hand: Hand, name: str, transfer: str, key: str) -> None:
    """The other project accepts it."""
    _volumes(hand)
    hand.press("//a[contains(@href, '/accept_transfer')]")
    hand.write("//*[@id='id_transfer_id']", transfer)
    hand.write("//*[@id='id_auth_key']", key)
    hand.press(SUBMIT)
    hand.see(f"{_row(name)}[contains(., 'Available')]")


def _row(name: str) -> str:
    return f"//tr[contains(., '{name}')]"


def _volumes(hand: Hand) -> None:
    hand.menu("Volumes")
    hand.press("//*[@id='sidebar-accordion']//a[contains(@href, '/project/volumes/')]")


def _members(hand: Hand) -> None:
    hand.menu("Network", "Load Balancers")
    hand.press("//a[normalize-space()='shop-lb']")
    hand.press("//a[normalize-space()='Pools']")
    hand.press("//td//a[normalize-space()='shop-app']")
    hand.press("//a[normalize-space()='Members']")
