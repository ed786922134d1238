"""The eight tasks on the plugin's pages, as a person does them from Horizon's first page on."""

from __future__ import annotations

from bench.counted import Hand
from tests.pictures.scenes import OFFICE

CONFIRM = "//*[@id='confirm']"


def launch(hand: Hand, name: str) -> None:
    """An environment serves, and its promises were looked at."""
    hand.menu("Tenant Ops", "Environments")
    hand.press("//a[@id='launch-environment']")
    hand.write("//input[@id='environment-name']", name)
    hand.press("//button[@id='launch-button']")
    hand.see("//*[@id='environment-answer'][contains(., 'all 8 promises kept')]")


def health(hand: Hand) -> str:
    """Which members serve, and since when."""
    hand.menu("Tenant Ops", "Load balancers")
    return hand.see("//*[@data-member][@data-state='good']//*[contains(@class, 'lb-members__told')]")


def drain_and_back(hand: Hand) -> None:
    """A member gets no new traffic, then gets it again; each seen in its row."""
    hand.menu("Tenant Ops", "Load balancers")
    hand.press("(//*[@data-member][@data-state='good'])[1]//*[normalize-space()='Drain']")
    hand.see("//*[@data-member][@data-state='drained']")
    hand.press("//*[contains(@class, 'to-said__undo')]")
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


def open_port(hand: Hand) -> None:
    """One network reaches 8080 of the jump host, at the firewall and at its security group."""
    hand.menu("Tenant Ops", "Firewall")
    hand.press("//a[@id='suggest']")
    hand.write("//*[@name='source']", OFFICE)
    hand.write("//*[@name='target']", "tier:blog/jump")
    hand.write("//*[@name='port']", "8080")
    hand.press("//*[@id='ask']")
    hand.press("//*[@id='keep-form']//*[@id='confirm']")
    hand.see("//*[@id='to-come']")
    hand.press("//*[@id='apply-form']//*[@id='confirm']")
    hand.gone("//*[@id='to-come']")
    hand.press("//*[@id='apply-form']//*[@id='confirm']")
    hand.gone("//*[@id='apply-form']")


def clone(hand: Hand) -> None:
    """A copy of production's data stands in the project that asked."""
    hand.menu("Tenant Ops", "Clones")
    hand.press("//a[contains(@href, '/request/')]")
    hand.press(CONFIRM)
    hand.see("//*[@id='clone'][@data-state='ready']")


def take_back(hand: Hand, name: str) -> None:
    """The owner of the data ends a copy, and nothing of it is left."""
    hand.menu("Tenant Ops", "Clones")
    hand.press(f"//*[@data-name='{name}']//a[contains(@href, '/reclaim/') or contains(@href, '/release/')]")
    hand.press(CONFIRM)
    hand.gone(f"//*[@data-name='{name}'][@data-state!='released']")


def posture(hand: Hand) -> str:
    """What is exposed, worst first, with the rule and what helps."""
    hand.menu("Tenant Ops", "Posture")
    return hand.see("//*[@id='posture-numbers']")
