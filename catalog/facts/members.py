#!/usr/bin/env python3
"""Writes azure-members.txt: which members the objects have that our rules for Azure
go through, as far as Azure's aliases tell.

    az provider list --expand resourceTypes/aliases > FILE
    python3 catalog/facts/members.py FILE

FILE may also be {type: {alias: path}}. Lines below "# By hand" stay as they are.
"""
import json
import pathlib
import re
import sys

HERE = pathlib.Path(__file__).parent
HAND = "# By hand"


def known_aliases(text):
    """By type in small letters its name and the paths of its aliases."""
    dump = json.loads(text)
    if isinstance(dump, dict):
        return {name.lower(): (name, set(aliases.values())) for name, aliases in dump.items()}
    found = {}
    for provider in dump:
        for kind in provider["resourceTypes"]:
            name = provider["namespace"] + "/" + kind["resourceType"]
            paths = {p["path"] for alias in kind.get("aliases") or [] for p in alias.get("paths") or []}
            paths |= {alias["defaultPath"] for alias in kind.get("aliases") or [] if alias.get("defaultPath")}
            found[name.lower()] = (name, paths)
    return found


def our_aliases(text):
    """By type the paths in aliases.yaml, which has two levels of mappings."""
    found, kind = {}, None
    for line in text.splitlines():
        if named := re.fullmatch(r"  (\S+/\S+):", line):
            kind = found.setdefault(named[1], set())
        elif path := re.fullmatch(r"    \S+: (\S+)", line):
            kind.add(path[1])
    return found


def objects(path):
    """What stands above a path and has members."""
    return [path[: at.start()] for at in re.finditer(r"\.", path)]


def main():
    known = known_aliases(pathlib.Path(sys.argv[1]).read_text(encoding="utf-8"))
    lines = set()
    for name, paths in our_aliases((HERE.parent / "aliases.yaml").read_text(encoding="utf-8")).items():
        _, there = known.get(name.lower(), (name, set()))
        for above in {o for path in paths for o in objects(path)}:
            for path in there:
                if path.startswith(above + "."):
                    lines.add(f"{name} {above}." + re.match(r"[^.\[]+", path[len(above) + 1 :])[0])
    file = HERE / "azure-members.txt"
    before = file.read_text(encoding="utf-8") if file.exists() else ""
    hand = before[before.index(HAND) :] if HAND in before else HAND + ".\n"
    mine = set(hand.splitlines())
    head = "# Members of the objects in Azure that our recommendations go through, from Azure's own aliases. members.py writes this file.\n"
    file.write_text(head + "".join(line + "\n" for line in sorted(lines - mine)) + hand, encoding="utf-8")


main()
