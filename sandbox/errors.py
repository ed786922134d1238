"""What can go wrong while the sandbox is set up, as sentences."""


class SandboxError(Exception):
    """One sentence that names the cause, and one that names the next step."""

    def __init__(self, cause: str, next_step: str) -> None:
        super().__init__(f"{cause} {next_step}")
