"""Two ways to use a page: with a mouse, and by the keyboard alone as somebody does who can hold none."""

from datetime import date, time
from pathlib import Path
from typing import Protocol

from playwright.sync_api import Locator, Page

MOST = 400
"""Presses of the Tab key after which something cannot be reached."""


class Hands(Protocol):
    """What a person does to a page."""

    def press(self, target: Locator) -> None:
        """Press a link, a button, or what opens and shuts something."""

    def write(self, target: Locator, text: str) -> None:
        """Write into a field, in place of what is there."""

    def choose(self, target: Locator, title: str) -> None:
        """Choose one of several."""

    def tick(self, target: Locator) -> None:
        """Tick a box that is empty."""

    def send(self, target: Locator, file: Path) -> None:
        """Choose a file."""


class Mouse:
    """Points and clicks."""

    def __init__(self, page: Page) -> None:
        self.page = page

    def press(self, target: Locator) -> None:
        target.click()

    def write(self, target: Locator, text: str) -> None:
        target.fill(text)

    def choose(self, target: Locator, title: str) -> None:
        target.select_option(label=title)

    def tick(self, target: Locator) -> None:
        target.check()

    def send(self, target: Locator, file: Path) -> None:
        target.set_input_files(file)


class Keys:
    """Goes on by the Tab key, and presses nothing that has not the focus."""

    def __init__(self, page: Page) -> None:
        self.page = page
        page.on("filechooser", lambda _: None)  # asked for at the press alone, it may come too late

    def press(self, target: Locator) -> None:
        self._reach(target)
        self.page.keyboard.press("Enter")

    def write(self, target: Locator, text: str) -> None:
        self._reach(target)
        match target.get_attribute("type"):  # digit by digit, as a browser from the US shows it
            case "time":
                text = f"{time.fromisoformat(text):%I%M%p}"
            case "date":
                text = f"{date.fromisoformat(text):%m%d%Y}"
            case _:
                self.page.keyboard.press("Control+A")
        self.page.keyboard.type(text)
        self.page.keyboard.press("Tab")

    def choose(self, target: Locator, title: str) -> None:
        self._reach(target)
        self.page.keyboard.type(title)

    def tick(self, target: Locator) -> None:
        self._reach(target)
        self.page.keyboard.press("Space")

    def send(self, target: Locator, file: Path) -> None:
        self._reach(target)
        with self.page.expect_file_chooser() as chooser:
            self.page.keyboard.press("Enter")
        chooser.value.set_files(file)

    def _reach(self, target: Locator) -> None:
        target.wait_for()
        for _ in range(MOST):
            if target.evaluate("each => each === document.activeElement"):
                return
            self.page.keyboard.press("Tab")
        raise AssertionError(f"{target} cannot be reached by the Tab key")
