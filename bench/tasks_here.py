"""The tasks on the plugin's pages, as a person does them from Horizon's first page on."""

from __future__ import annotations

from bench.counted import Hand

CONFIRM = "//*[@id='confirm']"


def health(hand: Hand) -> str:
    """Which members serve, and since when."""
    hand.menu("Tenant Ops", "Load balancers")
    return hand.see("//*[@data-member][@data-state='good']//*[contains(@class, 'lb-members__told')]")


def drain_and_back(hand: Hand) -> None:
    """A member gets no new traffic, then gets it again; each seen in its row."""
    hand.menu("Tenant Ops", "Load balancers")
    hand.press("(//*[@data-member][@data-state='good'])[1]//*[normalize-space()='Drain']")
    hand.press(CONFIRM)
    hand.press("//*[@data-member][@data-state='drained']//*[normalize-space()='Enable']")
    hand.press(CONFIRM)
    hand.see("//*[@data-member]")
    hand.gone("//*[@data-member][@data-state='drained']")


def reach_database(hand: Hand) -> str:
    """Whether the internet reaches the database, and which rule decides."""
    hand.menu("Tenant Ops", "Firewall")
    hand.press("//a[normalize-space()='Packet probe']")
    hand.write("//*[@name='source']", "internet")
    hand.write("//*[@name='target']", "tier:shop/database")
    hand.write("//*[@name='port']", "1521")
    hand.press(CONFIRM)
    return hand.see("//*[contains(@class, 'fw-answer')]")


def posture(hand: Hand) -> str:
    """What is exposed, worst first, with the rule and what helps."""
    hand.menu("Tenant Ops", "Posture")
    return hand.see("//*[@id='posture-numbers']")
