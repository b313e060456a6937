"""The lock file, the audit, the bill of materials and the container are of what the requirements name."""

import fnmatch
import importlib.util
import json
import re
import shlex
import shutil
import subprocess
import sys
import threading
import tomllib
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from urllib.parse import urlparse

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[1]
NEEDED = {"dlfa_core", "dlfa_explorer", "ui", "pages", "assets", ".streamlit", "app.py", "serve.py"}


def loaded(path):
    """A script as a module."""
    spec = importlib.util.spec_from_file_location(path.stem, path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


audit = loaded(ROOT / ".ci" / "audit.py")


@pytest.fixture(scope="module")
def lock() -> dict:
    return tomllib.loads((ROOT / "uv.lock").read_text("utf-8"))


@pytest.fixture(scope="module")
def dockerfile() -> list[tuple[str, str]]:
    """Instructions and what follows them, lines that go on joined."""
    text = re.sub(r"^#.*\n", "", (ROOT / "Dockerfile").read_text("utf-8"), flags=re.MULTILINE)
    return [tuple(line.split(" ", 1)) for line in text.replace("\\\n", " ").splitlines() if line]


def last(dockerfile, instruction: str) -> str:
    return [rest for name, rest in dockerfile if name == instruction][-1].strip()


def copied(dockerfile) -> set[str]:
    """What of this project goes into the image that runs, from the last FROM on."""
    start = max(index for index, (name, _) in enumerate(dockerfile) if name == "FROM")
    lines = [rest.split() for name, rest in dockerfile[start:] if name == "COPY" and "--from" not in rest]
    return {source for words in lines for source in words[:-1]}


def pinned() -> dict[str, str]:
    """Package -> version, of requirements.txt."""
    lines = (ROOT / "requirements.txt").read_text("utf-8").splitlines()
    found = [Requirement(line) for line in lines if line and not line.startswith("#")]
    return {canonicalize_name(each.name): str(each.specifier).removeprefix("==") for each in found}


def test_the_lock_file_has_the_versions_of_the_requirements(lock):
    locked = {package["name"]: package["version"] for package in lock["package"]}
    assert pinned().items() <= locked.items(), "run `make lock`"


def test_the_lock_file_takes_everything_from_the_public_index(lock):
    text = (ROOT / "uv.lock").read_text("utf-8")
    hosts = {urlparse(address).hostname for address in re.findall(r"\w+://[^\"\s]+", text)}
    assert hosts == {"pypi.org", "files.pythonhosted.org"}
    kinds = {key for package in lock["package"] for key in package["source"]}
    assert kinds == {"registry", "editable"}


def test_every_file_of_the_lock_file_has_a_digest(lock):
    files = [file for package in lock["package"] for file in package.get("wheels", [])]
    assert files
    assert all(file["hash"].startswith("sha256:") for file in files)


def test_the_bill_of_materials_lists_what_is_locked(tmp_path, lock):
    (tmp_path / "pyproject.toml").write_bytes((ROOT / "pyproject.toml").read_bytes())
    (tmp_path / "uv.lock").write_bytes((ROOT / "uv.lock").read_bytes())
    told = subprocess.run(["make", "-n", "sbom"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    (tmp_path / "dist").mkdir()
    for line in told.splitlines():
        program, *options = shlex.split(line)
        if program.startswith(".venv/bin/") and Path(program).name in ("uv", "cyclonedx-py"):
            beside = str(Path(sys.executable).with_name(Path(program).name))
            subprocess.run([beside, *options], cwd=tmp_path, check=True, capture_output=True)
    listed = json.loads((tmp_path / "dist" / "sbom.cdx.json").read_text("utf-8"))
    assert listed["bomFormat"] == "CycloneDX"
    assert listed["metadata"]["component"]["name"] == "dlfa-explorer"
    packages = {canonicalize_name(each["name"]): each["version"] for each in listed["components"]}
    assert packages == {each["name"]: each["version"] for each in lock["package"] if "registry" in each["source"]}


KNOWN = {"name": "torch", "version": "1.0", "vulns": [{"id": "CVE-1", "fix_versions": ["1.1", "2.0"]}]}
SOUND = {"name": "numpy", "version": "2.4.6", "vulns": []}
LEFT_OUT = {"name": "own", "skip_reason": "Dependency not found on PyPI and could not be audited: own (1.0)"}


def out(*packages) -> str:
    return json.dumps({"dependencies": packages})


def test_a_known_vulnerability_fails_the_audit_and_says_what_to_do():
    code, said = audit.verdict(1, out(SOUND, KNOWN), "")
    assert code == 1
    assert "torch 1.0: CVE-1, mended in 1.1, 2.0" in said
    assert "make lock" in said
    assert "numpy" not in said


def test_a_vulnerability_fails_the_audit_whatever_pip_audit_ends_with():
    assert audit.verdict(0, out(KNOWN, LEFT_OUT), "")[0] == 1


def test_an_audit_without_findings_passes_and_names_what_it_could_not_look_up():
    assert audit.verdict(0, out(SOUND), "") == (0, "No known vulnerabilities in 1 packages.")
    assert audit.verdict(0, out(SOUND, LEFT_OUT), "")[1].endswith("in 1 packages. Not found there: own.")


def test_an_index_without_advisories_passes_but_does_not_pass_for_an_audit():
    code, said = audit.verdict(0, out(LEFT_OUT), "")
    assert code == 0
    assert said == f"{audit.NOT_AUDITED}: the index knows no advisories of any of 1 packages."


def test_an_audit_that_fails_for_another_reason_fails():
    code, said = audit.verdict(2, "", "pip-audit: error: unrecognized arguments: --colour")
    assert code == 2
    assert "unrecognized arguments: --colour" in said
    assert audit.verdict(0, "", "")[0] == 1


def test_an_audit_without_a_network_passes_and_says_so(monkeypatch, capsys):
    for name in ("HTTPS_PROXY", "https_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")  # where nobody listens
    for name in ("NO_PROXY", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
    assert audit.main([]) == 0
    assert capsys.readouterr().out.startswith(f"{audit.NOT_AUDITED}: ")


def test_an_audit_that_is_not_answered_in_time_passes_and_says_so(monkeypatch, capsys):
    monkeypatch.setattr(audit, "PATIENCE", 1e-3)
    assert audit.main([]) == 0
    assert capsys.readouterr().out == f"{audit.NOT_AUDITED}: no answer in 0.001 seconds.\n"


class _Advisories(BaseHTTPRequestHandler):
    """Answers as OSV does: there is an advisory of one package."""

    def do_POST(self):
        asked = json.loads(self.rfile.read(int(self.headers["content-length"])))
        affected = {"package": {"name": "torch", "ecosystem": "PyPI"}, "ranges": [], "versions": [asked["version"]]}
        advisory = {"id": "CVE-2", "summary": "made up", "affected": [affected], "aliases": []}
        found = {"vulns": [advisory]} if asked["package"]["name"] == "torch" else {}
        self.send_response(200)
        self.end_headers()
        self.wfile.write(json.dumps(found).encode())

    def log_message(self, *_):
        pass


@pytest.fixture
def advisories():
    server = HTTPServer(("127.0.0.1", 0), _Advisories)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/v1/query"
    server.shutdown()
    thread.join()
    server.server_close()


def test_an_audit_that_is_answered_fails_for_what_is_found(advisories, capsys):
    assert audit.main(["--vulnerability-service=osv", f"--osv-url={advisories}"]) == 1
    said = capsys.readouterr().out
    assert f"torch {pinned()['torch']}: CVE-2, mended in none yet" in said
    assert said.count("CVE-") == 1


def test_a_vulnerability_may_be_let_pass(advisories, capsys):
    options = ["--vulnerability-service=osv", f"--osv-url={advisories}", "--ignore-vuln=CVE-2"]
    assert audit.main(options) == 0
    assert capsys.readouterr().out.startswith("No known vulnerabilities in ")


def test_the_dockerfile_is_without_complaint():
    if not (program := shutil.which("hadolint", path=str(Path(sys.executable).parent))):
        pytest.skip("needs hadolint: pip install -r requirements-dev.txt")
    ran = subprocess.run([program, "--no-color", "Dockerfile"], cwd=ROOT, capture_output=True, text=True)
    assert ran.returncode == 0, ran.stdout


def test_the_image_has_what_the_app_needs_and_nothing_else(dockerfile):
    assert copied(dockerfile) == NEEDED
    assert all((ROOT / name).exists() for name in NEEDED)


def test_docker_is_shown_what_is_copied_and_nothing_else(dockerfile):
    lines = [line for line in (ROOT / ".dockerignore").read_text("utf-8").splitlines() if line and line[0] != "#"]
    assert lines[0] == "*"
    shown = {line[1:] for line in lines if line.startswith("!")}
    assert shown == copied(dockerfile) | {"requirements.txt"}
    assert any(fnmatch.fnmatch("dlfa_core/data/__pycache__", line) for line in lines[1:])


def test_the_image_runs_the_app_as_nobody_of_weight(dockerfile):
    assert int(last(dockerfile, "USER")) > 0
    assert json.loads(last(dockerfile, "ENTRYPOINT"))[:3] == ["python", "-m", "dlfa_explorer"]


def test_the_image_shows_the_public_the_least_and_keeps_results_in_a_volume(dockerfile):
    set_ = dict(word.split("=", 1) for word in last(dockerfile, "ENV").split())
    assert set_["DLFA_DEMO"] == "1"
    assert set_["DLFA_HOME"] == last(dockerfile, "VOLUME")


def test_the_image_looks_after_its_health_at_the_port_that_it_serves(dockerfile):
    port = last(dockerfile, "EXPOSE")
    command = json.loads(last(dockerfile, "HEALTHCHECK").partition("CMD ")[2])
    assert command[:2] == ["python", "-c"]
    compile(command[2], "healthcheck", "exec")
    assert f"http://127.0.0.1:{port}/_stcore/health" in command[2]
    entry = json.loads(last(dockerfile, "ENTRYPOINT"))
    assert entry[entry.index("--port") + 1] == port


def test_the_build_argument_is_of_the_stage_that_installs(dockerfile):
    assert last(dockerfile, "ARG") == "ACCELERATOR=cpu"
    installs = [rest for name, rest in dockerfile if name == "RUN" and "pip install" in rest]
    assert len(installs) == 1
    assert "$ACCELERATOR" in installs[0]


def test_a_space_is_told_the_port_of_the_image(dockerfile):
    page = (ROOT / "docs" / "hosting.md").read_text("utf-8")
    (front,) = re.findall(r"^```yaml\n---\n(.*?)^---\n```", page, re.DOTALL | re.MULTILINE)
    told = dict(line.split(": ", 1) for line in front.splitlines())
    assert told["sdk"] == "docker"
    assert told["app_port"] == last(dockerfile, "EXPOSE")
    assert told["license"] == tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["license"].lower()


def test_hosting_copies_all_that_the_image_needs(dockerfile):
    page = (ROOT / "docs" / "hosting.md").read_text("utf-8")
    (line,) = re.findall(r"^cp -r (.*) space/$", page, re.MULTILINE)
    assert set(line.split()) == copied(dockerfile) | {"requirements.txt", "Dockerfile"}
