"""The command line. Heavy libraries are imported by the commands that need them, never here."""

import argparse
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from flows.environment import prepare_environment
from models.errors import OncomartError

Command = Callable[[argparse.Namespace], int]

EPILOG = """\
exit codes: 0 done; 1 a fault of oncomart's, the published release is untouched; 2 the input or the configuration has
to change, the message says where; 3 audit found conflicts, or a rebuilt release differs; 130 interrupted.

first steps:
  oncomart demo --home demo-home            a synthetic hospital, from raw extracts to a published report
  oncomart refresh --config my/oncomart.toml --home my-home
"""


def main(arguments: Sequence[str]) -> int:
    """Run one command; the return value is the exit code of the process."""
    options = _parser().parse_args(arguments)
    command: Command = options.command
    try:
        return command(options)
    except OncomartError as error:
        sys.stderr.write(f"oncomart: {error}\n")
        return error.exit_code
    except KeyboardInterrupt:
        sys.stderr.write("oncomart: interrupted; the published release is as it was.\n")
        return 130


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="oncomart",
        description="From a hospital's raw extracts to a curated oncology warehouse and a study report.",
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    _add_demo(commands)
    _add_refresh(commands)
    _add_new_centre(commands)
    _add_check(commands)
    _add_releases(commands)
    _add_quality(commands)
    _add_trace(commands)
    _add_rotate_key(commands)
    _add_explore(commands)
    _add_audit(commands)
    _add_bench(commands)
    _add_dictionary(commands)
    _add_test(commands)
    return parser


def _add(
    commands: "argparse._SubParsersAction[argparse.ArgumentParser]", name: str, text: str
) -> argparse.ArgumentParser:
    return commands.add_parser(name, help=text, description=text[0].upper() + text[1:] + ".")


def _add_home(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--home",
        type=Path,
        default=Path("data"),
        metavar="DIR",
        help="where lake, releases and state live (default: ./data)",
    )


def _add_config(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--config",
        type=Path,
        metavar="FILE",
        help="centres and studies (default: oncomart.toml in --home, else in this folder)",
    )


def _add_demo(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    parser = _add(commands, "demo", "make synthetic hospitals and refresh from their raw extracts")
    _add_home(parser)
    parser.add_argument("--patients", type=int, default=400, metavar="N", help="patients screened (default: 400)")
    parser.add_argument("--centres", type=int, default=1, choices=(1, 2, 3), help="hospitals (default: 1)")
    parser.add_argument("--seed", type=int, default=20250705, metavar="N", help="same seed, same extracts")
    parser.set_defaults(command=_demo)


def _add_refresh(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    parser = _add(commands, "refresh", "land new deliveries, derive the marts, print the reports, publish a release")
    _add_home(parser)
    _add_config(parser)
    parser.add_argument("--rebuild", action="store_true", help="build a release even if nothing has changed")
    parser.add_argument(
        "--reland",
        action="append",
        default=[],
        metavar="DELIVERY",
        help="read this delivery again from its files, though neither they nor the mapping changed (repeatable)",
    )
    parser.add_argument(
        "--accept-withdrawals",
        action="append",
        default=[],
        metavar="DELIVERY",
        help="this full delivery is whole, however little it holds: withdraw what it lacks (repeatable)",
    )
    parser.add_argument("--centre", metavar="ID", help="whose deliveries these are, if several centres have such")
    parser.set_defaults(command=_refresh)


def _add_new_centre(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    parser = _add(commands, "new-centre", "write the first mapping of a centre from the files of one delivery")
    parser.add_argument("name", metavar="NAME", help="id of the centre: small letters, digits, underscores")
    parser.add_argument("files", metavar="FILE", type=Path, nargs="+", help="files of one delivery")
    parser.add_argument(
        "--into",
        type=Path,
        default=Path("centres"),
        metavar="DIR",
        help="where its folder comes to lie (default: ./centres)",
    )
    parser.add_argument("--force", action="store_true", help="replace a folder that is there")
    parser.set_defaults(command=_new_centre)


def _add_check(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    parser = _add(commands, "check", "try a delivery without landing it, and say what is in it and what does not fit")
    parser.epilog = (
        "exit codes: 0 a refresh would land it; 2 it could not be landed as it is, or there is no such thing."
    )
    parser.add_argument("centre", metavar="CENTRE", help="centre id of the configuration, or the folder of a centre")
    _add_home(parser)
    parser.add_argument("--config", type=Path, metavar="FILE", help="configuration that names the centre")
    parser.add_argument("--delivery", metavar="ID", help="folder of the delivery (default: the newest)")
    parser.add_argument(
        "--deliveries",
        type=Path,
        metavar="DIR",
        help="where the deliveries of a centre's folder are, if not as it says",
    )
    parser.add_argument("--json", type=Path, metavar="FILE", help="also write everything as JSON")
    parser.set_defaults(command=_check)


def _add_releases(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    parser = _add(commands, "releases", "list releases, show one, go back to an earlier one, or build one again")
    actions = parser.add_subparsers(title="actions", metavar="ACTION", required=True)
    for name, text, command in (
        ("list", "one line a release, the published one marked", _releases_list),
        ("show", "what a release was made of", _releases_show),
        ("rollback", "publish an earlier release again", _releases_rollback),
    ):
        action = _add(actions, name, text)
        _add_home(action)
        if name != "list":
            action.add_argument("release", nargs="?", help="release id (default: the published one, or the one before)")
        action.set_defaults(command=command)
    rebuild = _add(actions, "rebuild", "build an earlier release again from what it recorded, and compare the content")
    rebuild.epilog = "exit codes: 0 identical; 3 other content, every such table is named; 2 nothing is recorded of it."
    _add_home(rebuild)
    rebuild.add_argument("release", help="release id, of a removed release too")
    rebuild.add_argument("--config", type=Path, metavar="FILE", help="configuration with the limits of this machine")
    rebuild.set_defaults(command=_releases_rebuild)


def _add_quality(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    parser = _add(
        commands, "quality", "judge a release by the tolerances of today and write its page, building nothing"
    )
    _add_home(parser)
    _add_config(parser)
    parser.add_argument("--release", metavar="ID", help="release id (default: the published one)")
    parser.set_defaults(command=_quality)


def _add_trace(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    parser = _add(commands, "trace", "why this date for this patient: rule, parameters and source row of all derived")
    _add_home(parser)
    parser.add_argument("patient", nargs="?", metavar="PATIENT", help="patient_key, or its first characters")
    parser.add_argument("--study", metavar="STUDY", help="study id (default: the first that screened the patient)")
    parser.add_argument("--variant", default="primary", metavar="NAME", help="variant of the study (default: primary)")
    parser.add_argument("--release", metavar="ID", help="release id (default: the published one)")
    parser.add_argument("--page", type=Path, metavar="FILE", help="also write one page with a drawn timeline")
    parser.add_argument(
        "--record-number",
        action="store_true",
        help="ask for a hospital's number without showing it; needs the centre's key, and is logged without the number",
    )
    parser.add_argument("--centre", metavar="ID", help="whose number it is (needed when there are several centres)")
    parser.add_argument("--config", type=Path, metavar="FILE", help="configuration that names the centres")
    parser.set_defaults(command=_trace)


def _add_rotate_key(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    parser = _add(commands, "rotate-key", "give a centre a new key; no pseudonym changes")
    parser.epilog = "With the key in ONCOMART_KEY_<CENTRE>, put the new one into ONCOMART_NEW_KEY_<CENTRE> first."
    parser.add_argument("centre", metavar="CENTRE", help="centre id")
    _add_home(parser)
    parser.set_defaults(command=_rotate_key)


def _add_explore(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    parser = _add(
        commands, "explore", "a page on this computer: endpoint, subgroup and variant chosen, curve and numbers"
    )
    _add_home(parser)
    parser.add_argument("--release", metavar="ID", help="release id (default: the published one)")
    parser.add_argument("--port", type=int, default=8750, metavar="N", help="port (default: 8750; 0 takes a free one)")
    parser.add_argument("--no-browser", action="store_true", help="print the address and open nothing")
    parser.set_defaults(command=_explore)


def _add_audit(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    parser = _add(commands, "audit", "find what the printed numbers of a publication cannot say together")
    parser.epilog = "exit codes: 0 no conflicts; 3 conflicts found; 2 the file cannot be read, the message says where."
    parser.add_argument("file", type=Path, metavar="FILE", help="published numbers as TOML (docs/audit.md says how)")
    parser.set_defaults(command=_audit)


def _add_bench(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    parser = _add(
        commands, "bench", "measure where the time of a refresh, or of landing alone, goes, and its peak memory"
    )
    parser.add_argument(
        "--patients",
        type=int,
        nargs="+",
        default=[100, 1_000, 10_000],
        metavar="N",
        help="sizes to measure in one run (default: 100 1000 10000)",
    )
    parser.add_argument(
        "--memory",
        metavar="SIZE",
        help="most that DuckDB may use, such as 12GB or, to see what does not fit, 500MB (default: as a refresh)",
    )
    parser.add_argument(
        "--landing",
        action="store_true",
        help="instead of refreshes: land one large extract as CSV and as Parquet, beside a plain copy to Parquet",
    )
    parser.add_argument(
        "--rows", type=int, default=20_000_000, metavar="N", help="rows to land with --landing (default: 20000000)"
    )
    parser.set_defaults(command=_bench)


def _add_dictionary(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    parser = _add(commands, "dictionary", "write the data dictionary of the extract tables from their contracts")
    parser.add_argument("file", type=Path, nargs="?", help="file to write (default: to the terminal)")
    parser.set_defaults(command=_dictionary)


def _add_test(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    parser = _add(commands, "test", "run the tests; further words go to pytest")
    parser.add_argument("pytest_arguments", nargs=argparse.REMAINDER, metavar="...", help="passed to pytest")
    parser.set_defaults(command=_test)


def _demo(options: argparse.Namespace) -> int:
    prepare_environment(options.home)
    from flows.demo import run_demo

    return run_demo(options.home, patients=options.patients, centres=options.centres, seed=options.seed)


def _refresh(options: argparse.Namespace) -> int:
    prepare_environment(options.home)
    from flows.configuration import find_config
    from flows.context import Wishes
    from flows.refresh import run_refresh

    wishes = Wishes(options.rebuild, tuple(options.reland), tuple(options.accept_withdrawals), options.centre)
    return run_refresh(options.home, find_config(options.home, options.config), wishes)


def _new_centre(options: argparse.Namespace) -> int:
    from flows.new_centre import run_new_centre

    return run_new_centre(options.name, options.files, options.into, overwrite=options.force)


def _check(options: argparse.Namespace) -> int:
    from flows.check import Asked, run_check

    return run_check(
        options.home, Asked(options.centre, options.delivery, options.deliveries, options.json), options.config
    )


def _releases_list(options: argparse.Namespace) -> int:
    from flows.releases import print_list

    return print_list(options.home)


def _releases_show(options: argparse.Namespace) -> int:
    from flows.releases import print_one

    return print_one(options.home, options.release)


def _releases_rollback(options: argparse.Namespace) -> int:
    from flows.releases import go_back

    return go_back(options.home, options.release)


def _quality(options: argparse.Namespace) -> int:
    from flows.configuration import find_config
    from flows.quality import run_quality

    return run_quality(options.home, find_config(options.home, options.config), options.release)


def _releases_rebuild(options: argparse.Namespace) -> int:
    prepare_environment(options.home)
    from flows.rebuild import run_rebuild

    return run_rebuild(options.home, options.release, options.config)


def _trace(options: argparse.Namespace) -> int:
    from flows.trace import Asked, run_trace

    return run_trace(
        options.home,
        Asked(options.patient, options.study, options.variant, options.release, options.page),
        by_number=options.record_number,
        centre=options.centre,
        config=options.config,
    )


def _rotate_key(options: argparse.Namespace) -> int:
    from flows.rotate_key import run_rotate_key

    return run_rotate_key(options.home, options.centre)


def _explore(options: argparse.Namespace) -> int:
    from flows.explore import run_explore

    return run_explore(options.home, release=options.release, port=options.port, opens_browser=not options.no_browser)


def _audit(options: argparse.Namespace) -> int:
    from flows.audit import run_audit

    return run_audit(options.file)


def _bench(options: argparse.Namespace) -> int:
    if options.landing:
        from flows.bench_landing import run_landing_bench

        return run_landing_bench(options.rows, options.memory)
    from flows.bench import run_bench

    return run_bench(options.patients, options.memory)


def _dictionary(options: argparse.Namespace) -> int:
    from flows.dictionary import write_dictionary

    return write_dictionary(options.file)


def _test(options: argparse.Namespace) -> int:
    root = Path(__file__).resolve().parent.parent
    # A file stays in one process, so that what its tests share is made once; two processes fit into 8 GB.
    everything = ["--numprocesses", "2", "--dist", "loadfile"]
    command = [sys.executable, "-m", "pytest", *(options.pytest_arguments or everything)]
    os.chdir(root)
    os.execv(command[0], command)
