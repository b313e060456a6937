"""Open the app: `dlfa-explorer`, or `python -m dlfa_explorer`."""

import argparse
from collections.abc import Sequence

from dlfa_core.shipped import app_folder


def main(arguments: Sequence[str] | None = None) -> int:
    """Serve the app until it is interrupted, and return the server's exit code.

    Raises:
        SystemExit: for options that are not understood, and after `--help`.
    """
    from streamlit.web import cli

    return cli.main(streamlit_arguments(arguments), prog_name="streamlit", standalone_mode=False) or 0


def streamlit_arguments(arguments: Sequence[str] | None = None) -> list[str]:
    """Return what the options of this program are to Streamlit's command line."""
    parser = argparse.ArgumentParser(prog="dlfa-explorer", description="Open DLFA Explorer in the browser.")
    parser.add_argument("--port", type=int, help="port to serve at; the first free one from 8501 on if not given")
    parser.add_argument("--no-browser", action="store_true", help="serve only, and print the address")
    parser.add_argument(
        "--address",
        default="localhost",
        help="who may open it: localhost (the default) for this machine, 0.0.0.0 for all that reach it; "
        "set DLFA_DEMO=1 there, since without it visitors may load any folder",
    )
    options = parser.parse_args(arguments)
    settings = {
        "server.address": options.address,
        "server.headless": str(options.no_browser).lower(),
        "server.showEmailPrompt": "false",
    }
    if options.port is not None:
        settings["server.port"] = str(options.port)
    return ["run", str(app_folder() / "serve.py"), *(f"--{name}={value}" for name, value in settings.items())]


if __name__ == "__main__":
    raise SystemExit(main())
