"""What a check found: one line each, with a stable code."""

from dataclasses import dataclass


@dataclass(frozen=True, order=True)
class Finding:
    """One fault, as `FILE:LINE CODE text`. What isn't in a file names the table or the record instead."""

    file: str
    line: int
    code: str
    text: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line} {self.code} {self.text}"


class Faulty(ValueError):
    """Input with faults; `findings` has all of them, and nothing was written."""

    def __init__(self, findings: list[Finding]):
        self.findings = sorted(findings)
        super().__init__("\n".join(map(str, self.findings)))
