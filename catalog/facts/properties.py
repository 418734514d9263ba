#!/usr/bin/env python3
"""Writes aws-properties.txt and google-properties.txt: the property paths that
the providers' own schemas give to the types that our recommendations name.

    npm install --prefix DIR @aws-cdk/aws-service-spec googleapis
    python3 catalog/facts/properties.py DIR

A type that no schema has is left out: it needs a JSON Schema of ours in
catalog/schema/types. README.md tells the rest.
"""
import gzip
import json
import pathlib
import re
import sys

HERE = pathlib.Path(__file__).parent

# Google's types whose schema has another name than the type, or that Cloud
# Asset Inventory exports in another version than the newest stable one:
# type -> (api, version, schema), "" for what the general rule finds.
GOOGLE = {
    "apikeys.googleapis.com/Key": ("", "", "V2Key"),
    "artifactregistry.googleapis.com/DockerImage": ("", "", "DockerImage"),
    "bigtableadmin.googleapis.com/AppProfile": ("", "v2", ""),
    "binaryauthorization.googleapis.com/Policy": ("", "v1", ""),
    "cloudfunctions.googleapis.com/CloudFunction": ("", "v1", ""),
    "cloudresourcemanager.googleapis.com/Folder": ("", "v3", ""),
    "cloudresourcemanager.googleapis.com/Organization": ("", "v3", ""),
    # The export has the older form, with lifecycleState and projectNumber.
    "cloudresourcemanager.googleapis.com/Project": ("", "v1", ""),
    "essentialcontacts.googleapis.com/Contact": ("", "", "GoogleCloudEssentialcontactsV1Contact"),
    "iam.googleapis.com/ServiceAccount": ("", "v1", ""),
    "iam.googleapis.com/ServiceAccountKey": ("", "v1", ""),
    "orgpolicy.googleapis.com/Policy": ("", "v2", "GoogleCloudOrgpolicyV2Policy"),
    "run.googleapis.com/Service": ("", "v1", ""),
    "serviceusage.googleapis.com/Service": ("", "v1", "GoogleApiServiceusageV1Service"),
    "sqladmin.googleapis.com/Instance": ("", "v1", "DatabaseInstance"),
}


def named_types(catalog):
    """The types in the rules; what cases and sentences name does not count."""
    found = set()
    for file in sorted(catalog.glob("*/*/*.yaml")):
        inside = False
        for line in file.read_text(encoding="utf-8").splitlines():
            if line[:1].isalpha():
                inside = line.startswith(("applies:", "policyRule:"))
            if inside:
                found |= set(re.findall(r"\bAWS::\w+::\w+|\b[a-z0-9-]+\.googleapis\.com/[A-Z]\w*", line))
    return sorted(found)


class CloudFormation:
    """Paths of CloudFormation's types. "=" marks attributes, which only
    answers have; ".*" is anything below, or a structure within itself."""

    def __init__(self, folder):
        schema = json.load(gzip.open(folder / "db.json.gz"))["schema"]
        self.types = {r["cloudFormationType"]: r for r in schema["resource"]["entities"]}
        self.definitions = {t["$id"]: t for t in schema["typeDefinition"]["entities"]}

    def paths(self, name):
        if name not in self.types:
            return []
        resource, out = self.types[name], []
        for key, p in sorted(resource["properties"].items()):
            self.walk(p["type"], key, frozenset(), out)
        for key, p in sorted(resource.get("attributes", {}).items()):
            if key not in resource["properties"]:
                below = []
                self.walk(p["type"], key, frozenset(), below)
                out += ["=" + path for path in below]
        return list(dict.fromkeys(out))

    def walk(self, kind, path, above, out):
        what = kind.get("type")
        if what == "ref":
            ref = kind["reference"]["$ref"]
            if ref in above:
                out.append(path + ".*")
                return
            for key, p in sorted(self.definitions[ref]["properties"].items()):
                self.walk(p["type"], path + "." + key, above | {ref}, out)
        elif what == "array":
            self.walk(kind["element"], path + "[*]", above, out)
        elif what in ("map", "json"):
            out.append(path + ".*")
        elif what == "tag":
            out += [path + ".Key", path + ".Value"]
        elif what == "union":
            for other in kind["types"]:
                self.walk(other, path, above, out)
        else:
            out.append(path)


class Google:
    """Paths of the schemas in Google's type declarations."""

    def __init__(self, folder):
        self.apis = folder / "build" / "src" / "apis"
        self.read = {}

    def paths(self, name):
        service, kind = name.split(".googleapis.com/")
        api, version, schema = GOOGLE.get(name, ("", "", ""))
        api, schema = api or service, schema or kind
        version = version or self.newest(api)
        schemas = self.schemas(api, version)
        if schema not in schemas:  # compute has RegionDisk, GlobalAddress: one schema for both places
            schema = re.sub("^(Region|Global)", "", schema)
        if schema not in schemas:
            return []
        out = []
        self.walk(schemas, schemas[schema], "", (schema,), out)
        return sorted(set(out))

    def beside(self):
        """What stands beside the properties of any asset."""
        schemas, out = self.schemas("cloudasset", "v1"), []
        parts = {"iamPolicy": "iamPolicy", "orgPolicy": "orgPolicy", "accessPolicy": "accessPolicy"}
        for key, kind in schemas["Asset"].items():
            if key in parts:
                self.walk(schemas, kind, key, (), out)
        return sorted(set(out))

    def newest(self, api):
        versions = [p.name[:-5] for p in (self.apis / api).glob("v*.d.ts")]
        stable = [v for v in versions if re.fullmatch(r"v\d+", v)]
        return max(stable or versions or [""], key=lambda v: (len(v), v))

    def schemas(self, api, version):
        file = self.apis / api / (version + ".d.ts")
        if file not in self.read:
            text = file.read_text(encoding="utf-8") if file.exists() else ""
            text = re.sub(r"/\*.*?\*/", "", text, flags=re.S)
            self.read[file] = {
                m[1]: Declaration(text[m.end() - 1 :]).type()
                for m in re.finditer(r"export interface Schema\$(\w+) \{", text)
            }
        return self.read[file]

    def walk(self, schemas, kind, path, above, out):
        if isinstance(kind, dict):
            if not kind:
                out.append(path + ".*")
            for key, below in kind.items():
                if key == "*":
                    out.append(path + ".*")
                else:
                    self.walk(schemas, below, (path + "." + key).lstrip("."), above, out)
        elif isinstance(kind, list):
            self.walk(schemas, kind[0], path + "[*]", above, out)
        elif kind.startswith("Schema$"):
            name = kind.removeprefix("Schema$")
            if name in above:
                out.append(path + ".*")
            else:
                self.walk(schemas, schemas[name], path, above + (name,), out)
        else:
            out.append(path + ".*" if kind == "any" else path)


class Declaration:
    """A type of TypeScript as the package writes it: {members}, type[],
    Array<type>, unions with null, names."""

    def __init__(self, text):
        self.tokens = re.finditer(r"[\w$'\"-]+|[{}\[\]<>|?:;,()=]", text)
        self.next()

    def next(self):
        before, found = getattr(self, "token", None), next(self.tokens, None)
        self.token = found[0] if found else ""
        return before

    def type(self):
        kind = self.one()
        while self.token in ("[", "|"):
            if self.next() == "[":
                self.next()
                kind = [kind]
            else:
                other = self.one()
                kind = kind if other == "null" else other
        return kind

    def one(self):
        if self.token == "{":
            return self.members()
        name = self.next()
        if self.token == "<":  # Array<…>; a date is written Date
            self.next()
            inner = self.type()
            self.next()
            return [inner]
        return name

    def members(self):
        found = {}
        self.next()
        while self.token != "}":
            if self.token == "[":  # [key: string]: type
                while self.next() != "]":
                    pass
                key = "*"
            else:
                key = self.next().strip("'\"")
            while self.token in ("?", ":"):
                self.next()
            found[key] = self.type()
            if self.token in (";", ","):
                self.next()
        self.next()
        return found


def version(package):
    return json.loads((package / "package.json").read_text(encoding="utf-8"))["version"]


def write(file, package, licence, lines):
    head = f"# Property paths of the types that our recommendations name, from {package.name} {version(package)} ({licence}).\n"
    head += '# "=" marks attributes, which only answers have; ".*" is anything below. properties.py writes this file.\n'
    (HERE / file).write_text(head + "".join(line + "\n" for line in lines), encoding="utf-8")


def main():
    modules = pathlib.Path(sys.argv[1]) / "node_modules"
    aws, google = modules / "@aws-cdk" / "aws-service-spec", modules / "googleapis"
    cloudformation, declarations = CloudFormation(aws), Google(google)
    lines = {"AWS": [], "google": [f"* {path}" for path in declarations.beside()]}
    for name in named_types(HERE.parent):
        is_aws = name.startswith("AWS")
        paths = (cloudformation if is_aws else declarations).paths(name)
        if not paths:
            print(f"{name}: no schema of the provider has it", file=sys.stderr)
        lines["AWS" if is_aws else "google"] += [f"{name} {path}" for path in paths]
    write("aws-properties.txt", aws, "Apache-2.0", lines["AWS"])
    write("google-properties.txt", google, "Apache-2.0", lines["google"])


main()
