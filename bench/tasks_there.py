"""The same tasks on Horizon's own pages and octavia-dashboard's: what can be done there."""

from __future__ import annotations

from bench.counted import Hand

MODAL = "//*[contains(@class, 'modal-dialog')]"


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


def _members(hand: Hand) -> None:
    hand.menu("Network", "Load Balancers")
    hand.press("//a[normalize-space()='shop-lb']")
    hand.press("//a[normalize-space()='Pools']")
    hand.press("//td//a[normalize-space()='shop-app']")
    hand.press("//a[normalize-space()='Members']")
