"""Look every locked package up in the advisories of the package index.

    python .ci/audit.py [options of pip-audit]

Ends with 1 where a vulnerability is known, and with 0 where none is, or where no advisories can be had: a checkout
without a network must pass as well. Which of these it was, it says.
"""

import json
import re
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PATIENCE = 40  # seconds for all packages; a network that swallows what is sent would take longer
NO_ANSWER = re.compile(r"^\S*(ConnectionError|ProxyError|SSLError|Timeout|Could not connect)\b.*", re.MULTILINE)
NOT_AUDITED = "The advisories cannot be reached, so nothing was audited"


def main(options: Sequence[str]) -> int:
    """Audit, say what was found, and return the exit code."""
    with tempfile.TemporaryDirectory() as folder:
        locked = Path(folder) / "locked.txt"
        export = [_beside("uv"), "export", "--quiet", "--frozen", "--all-extras", "--no-emit-project"]
        export += ["--output-file", str(locked)]
        subprocess.run(export, cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
        audit = [_beside("pip-audit"), "--requirement", str(locked), "--require-hashes", "--disable-pip", "--timeout=5"]
        audit += ["--format=json", "--progress-spinner=off", *options]
        try:
            ran = subprocess.run(audit, capture_output=True, text=True, timeout=PATIENCE)
        except subprocess.TimeoutExpired:
            print(f"{NOT_AUDITED}: no answer in {PATIENCE} seconds.")
            return 0
    code, said = verdict(ran.returncode, ran.stdout, ran.stderr)
    print(said)
    return code


def verdict(code: int, out: str, errors: str) -> tuple[int, str]:
    """Return the exit code of the audit and what to say, from what pip-audit ended with, printed and complained of."""
    if not out.strip():
        if found := NO_ANSWER.search(errors):
            return 0, f"{NOT_AUDITED}: {found[0][:120]}"
        return code or 1, f"pip-audit ended with {code} and found nothing out:\n{errors}"
    packages = json.loads(out)["dependencies"]
    vulnerable = [
        f"{each['name']} {each['version']}: {known['id']}, mended in {', '.join(known['fix_versions']) or 'none yet'}"
        for each in packages
        for known in each.get("vulns", ())
    ]
    if vulnerable:
        advice = "Raise the pin in requirements.txt and run `make lock`, or pass --ignore-vuln ID with a reason."
        return 1, "\n".join(["Known vulnerabilities:", *sorted(set(vulnerable)), advice])
    skipped = [package["name"] for package in packages if "skip_reason" in package]
    if len(skipped) == len(packages):
        return 0, f"{NOT_AUDITED}: the index knows no advisories of any of {len(packages)} packages."
    unknown = f" Not found there: {', '.join(skipped)}." if skipped else ""
    return 0, f"No known vulnerabilities in {len(packages) - len(skipped)} packages.{unknown}"


def _beside(program: str) -> str:
    """The program of this environment."""
    return str(Path(sys.executable).with_name(program))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
