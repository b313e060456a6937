"""Where that lies which ships with the package and is none of its code: assets, and the app's own files."""

from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent


def app_folder() -> Path:
    """Return the folder that holds `serve.py`, `pages`, `ui` and `assets`.

    In a checkout that is its root; what was installed from a wheel has it all in the package `dlfa_explorer`, so that
    no module called `ui` or `pages` stands among the environment's.
    """
    installed = _PACKAGE.with_name("dlfa_explorer")
    return installed if (installed / "serve.py").is_file() else _PACKAGE.parent


ASSETS = app_folder() / "assets"
