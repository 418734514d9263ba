#!/usr/bin/env python3
"""Writes aws.tsv or az.tsv: the commands that our recommendations use, with
the arguments that the tool itself gives them.

    python3 -m venv DIR && DIR/bin/pip install awscli     (or azure-cli)
    DIR/bin/python catalog/facts/commands.py aws          (or az, some minutes)

A command that the tool does not have is named and left out. Rows below the
line "# By hand" are kept. README.md tells what the columns mean.
"""
import argparse
import pathlib
import re
import sys

import yaml  # comes with either tool

HERE = pathlib.Path(__file__).parent
BY_HAND = "# By hand"


def used(tool):
    """The words behind the tool's name, wherever it is called, up to what is
    no sub-command by its form."""
    found = set()
    for file in sorted(HERE.parent.glob("*/*/*.yaml")):
        content = yaml.safe_load(file.read_text(encoding="utf-8"))
        cli = (content.get("remediation") or {}).get("cli", "") if isinstance(content, dict) else ""
        text = "\n".join(c["command"] for c in cli) if isinstance(cli, list) else str(cli)
        for call in re.finditer(rf"(?<![\w/:.-]){tool}((?:(?:[ \t]|\\\n)+[a-z][a-z0-9-]*)+)", text):
            found.add(tuple(w for w in call[1].split() if w != "\\"))
    return sorted(found)


class AWS:
    version = "awscli"

    def __init__(self):
        import awscli.clidriver

        self.driver = awscli.clidriver.create_clidriver()
        self.version = f"awscli {awscli.__version__}"

    def globals(self):
        return self.driver._create_parser(self.driver._get_command_table())

    def parser(self, words):
        """The parser of a command, and how many of the words name it."""
        from awscli.argparser import ArgTableArgParser

        table, command = self.driver._get_command_table(), None
        for n, word in enumerate(words):
            if word not in table:
                break
            command = table[word]
            table = getattr(command, "subcommand_table", None)
            if table is None:
                table = command._get_command_table() if hasattr(command, "_get_command_table") else {}
            if not table:
                return ArgTableArgParser(command.arg_table), n + 1
        return None, 0


class Az:
    def __init__(self):
        from azure.cli.core import __version__, get_default_cli
        from azure.cli.core.file_util import create_invoker_and_load_cmds_and_args

        cli = get_default_cli()
        create_invoker_and_load_cmds_and_args(cli)
        self.root, self.version = cli.invocation.parser, f"azure-cli {__version__}"

    def globals(self):
        return self.root

    def parser(self, words):
        at = self.root
        for n, word in enumerate(words):
            below = [a for a in at._actions if isinstance(a, argparse._SubParsersAction)]
            if not below:
                return at, n
            if word not in below[0].choices:
                return None, 0
            at = below[0].choices[word]
        leaf = not any(isinstance(a, argparse._SubParsersAction) for a in at._actions)
        return (at, len(words)) if leaf else (None, 0)


def count(nargs):
    """How many values: one, none, several (+), perhaps one (?), any (*)."""
    if nargs is None or nargs == 1:
        return "="
    if nargs == 0:
        return ""
    return f"={nargs}" if nargs in ("+", "?", "*") else "=+"


def arguments(parser, known=()):
    """Positional arguments and flags of a parser, those of known left out."""
    positional, flags = [], []
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction) or type(action).__name__ == "IgnoreAction":
            continue
        if not action.option_strings:
            if action.dest not in ("command", "subcommand", "operation", "help"):
                positional.append({None: "1", "+": "1+", "*": "0+", "?": "0+"}.get(action.nargs, str(action.nargs)))
            continue
        names = sorted((str(getattr(n, "target", n)) for n in action.option_strings), key=lambda n: not n.startswith("--"))
        flag = ("!" if action.required else "") + "|".join(names) + count(action.nargs)
        if flag.lstrip("!") not in known:
            flags.append(flag)
    return "".join(positional) or "0", sorted(flags, key=lambda f: f.lstrip("!"))


def main():
    tool = sys.argv[1]
    source = {"aws": AWS, "az": Az}[tool]()
    common = arguments(source.globals())[1]
    rows = {tool: f"{tool}\t0\t{' '.join(common)}"}
    for words in used(tool):
        parser, n = source.parser(words)
        if parser is None:
            print(f"{tool} {' '.join(words)}: the tool has no such command", file=sys.stderr)
            continue
        positional, flags = arguments(parser, common)
        name = " ".join((tool,) + words[:n])
        rows[name] = f"{name}\t{positional}\t{' '.join(flags)}"
    file = HERE / f"{tool}.tsv"
    before = file.read_text(encoding="utf-8") if file.exists() else ""
    kept = BY_HAND + before.split(BY_HAND, 1)[1] if BY_HAND in before else ""
    head = f"# Commands that our recommendations use, as {source.version} has them. commands.py writes this file.\n"
    file.write_text(head + "".join(rows[name] + "\n" for name in sorted(rows)) + kept, encoding="utf-8")


main()
