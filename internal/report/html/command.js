// Commands with the names of a resource. A wrong name would be worse than none:
// what is not surely the resource's own stays a place to fill in.

// These placeholders mean the resource itself where it is of that type.
const ownNames = {
  bucket: /(Bucket|::BucketPolicy)$/, // a policy is identified by its bucket
  userName: /^AWS::IAM::User$/, roleName: /^AWS::IAM::Role$/, trailName: /^AWS::CloudTrail::Trail$/, groupId: /^AWS::EC2::SecurityGroup$/,
  vpcId: /^AWS::EC2::VPC$/, subnetId: /^AWS::EC2::Subnet$/, snapshotId: /^AWS::EC2::Snapshot$/, keyId: /^AWS::KMS::Key$/, dataset: /bigquery.*Dataset$/, network: /compute.*Network$/,
};
const ownArns = { topicArn: /^AWS::SNS::Topic$/, policyArn: /^AWS::IAM::ManagedPolicy$/, secretId: /^AWS::SecretsManager::Secret$/, arn: /^AWS::/ };

// nameFor gives what a placeholder stands for, "" if that is not sure.
function nameFor(placeholder, x) {
  const r = store.resources, id = r.id[x], type = r.type[x], place = r.location[x], unit = r.unit[x].split("/").pop();
  if (ownNames[placeholder]) return ownNames[placeholder].test(type) ? id.split(/[/:]/).pop() : "";
  if (ownArns[placeholder]) return ownArns[placeholder].test(type) && id.startsWith("arn:") ? id : "";
  switch (placeholder) {
    case "name": return r.name[x];
    case "id": return id;
    case "resourceGroup": return (id.match(/\/resourceGroups\/([^/]+)/i) || [])[1];
    case "location": return place;
    case "zone": return /-[a-z]$/.test(place) ? place : "";
    case "region": return /-[a-z]$/.test(place) ? "" : place;
    case "subscription": case "subscriptionId": return r.cloud[x] === 1 ? unit : "";
    case "account": case "accountId": return r.cloud[x] === 2 ? unit : "";
    case "project": return r.cloud[x] === 3 ? unit : "";
  }
  return "";
}

// fillCommands puts a resource's names into the placeholders of commands. A
// name in which a shell would see more than a name stays out: a command is
// there to be copied.
function fillCommands(root, row) {
  const x = store.resource[row];
  for (const figure of root.querySelectorAll(".command")) {
    const types = figure.dataset.types;
    if (types && !types.split(" ").includes(store.resources.type[x].toLowerCase())) continue; // for others
    let unsafe = false, filled = false;
    for (const v of figure.querySelectorAll("var")) {
      const name = nameFor(v.dataset.name, x);
      const safe = /^[A-Za-z0-9_./:@=+,-]+$/.test(name || "") && !name.startsWith("-");
      v.textContent = safe ? name : `{${v.dataset.name}}`;
      v.classList.toggle("filled", safe);
      filled ||= safe;
      unsafe ||= Boolean(name) && !safe;
    }
    figure.querySelector(".for").textContent = unsafe ? "a name here has characters that a shell obeys; fill it in by hand" : filled ? `for ${resourceName(row)}` : "";
    addCopy(figure);
  }
}

function addCopy(figure) {
  figure.querySelector("button")?.remove();
  figure.querySelector("figcaption").append(el("button", { type: "button", class: "icon", title: "Copy", "aria-label": "Copy the command",
    click: event => copy(figure.querySelector("code").textContent, event.currentTarget) }, mark("copy")));
}

