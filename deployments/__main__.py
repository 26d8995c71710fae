"""`python -m deployments`: serve every flow from this machine until interrupted."""

import argparse
import signal
import sys
from pathlib import Path

from deployments.local import StartError, local_server


def main() -> int:
    """Serve until interrupted; exit code 2 if the server cannot start."""
    parser = argparse.ArgumentParser(prog="python -m deployments", description=__doc__)
    parser.add_argument("--root", required=True, help="folder or URL of the products")
    parser.add_argument("--analysis", required=True, help="name of the analysis, for the greeting")
    parser.add_argument("--port", type=int, default=4200)
    given = parser.parse_args()
    root = given.root if "://" in given.root else str(Path(given.root).resolve())
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        with local_server(given.port, root):
            sys.stdout.write(
                f"Prefect UI of {given.analysis}: http://127.0.0.1:{given.port} "
                f"(deployments → Quick run; products in {root}; Ctrl-C ends)\n"
            )
            sys.stdout.flush()
            signal.pause()
    except KeyboardInterrupt:
        return 0
    except StartError as error:
        sys.stderr.write(f"dwarfnu: {error}\n")
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
