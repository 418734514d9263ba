// Commands with the names of a resource. A wrong name would be worse than none:
// what is not surely the resource's own stays a place to fill in.

// What a placeholder means is in the id of resources of these types: the group of
// the pattern. A command for another resource may mean something else by it.
const last = /([^/:|]+)$/, wholeARN = /^(arn:[^|]+)$/;
const inIDs = {
  accessKeyId: [[/^AWS::IAM::AccessKey$/, last]],
  arn: [[/^AWS::/, wholeARN]],
  automationAccountId: [[/^Microsoft\.Automation\/automationAccounts\/./i, /^(.+\/automationAccounts\/[^/]+)\//i]],
  bucket: [[/^AWS::S3::Bucket(Policy)?$|^storage\.googleapis\.com\/Bucket$/, last]], // a policy is identified by its bucket
  certificateArn: [[/^AWS::CertificateManager::Certificate$/, wholeARN]],
  cluster: [[/^AWS::ECS::Service$/, /:service\/([^/]+)\/[^/]+$/]],
  dataset: [[/^bigquery\.googleapis\.com\//, /\/datasets\/([^/]+)/]],
  email: [[/^iam\.googleapis\.com\/ServiceAccount$/, /\/serviceAccounts\/([^/]+@[^/]+)$/]],
  functionName: [[/^AWS::Lambda::Permission$/, /^([^|]+)\|[^|]+$/]],
  groupId: [[/^AWS::EC2::SecurityGroup$/, last]],
  groupName: [[/^AWS::IAM::Group$/, last]],
  instanceId: [[/^AWS::EC2::Instance$/, last]],
  keyId: [[/^AWS::KMS::Key$|^apikeys\.googleapis\.com\/Key$/, last]],
  keyRing: [[/^cloudkms\.googleapis\.com\//, /\/keyRings\/([^/]+)/]],
  launchTemplateId: [[/^AWS::EC2::LaunchTemplate$/, last]],
  network: [[/^compute\.googleapis\.com\/Network$/, last]],
  policyArn: [[/^AWS::IAM::ManagedPolicy$/, /^(?:\d{12}\/)?(arn:.+)$/]], // one of AWS's own stands behind the account
  roleName: [[/^AWS::IAM::Role$/, last]],
  secretId: [[/^AWS::SecretsManager::Secret$/, wholeARN]],
  serverCertificateName: [[/^AWS::IAM::ServerCertificate$/, last]],
  snapshotId: [[/^AWS::EC2::Snapshot$/, last], [/^AWS::RDS::DBSnapshot$/, /^(?:arn:.+?:snapshot:)?((?:[a-z]+:)?[^:]+)$/]], // rds:… is a nightly one
  statementId: [[/^AWS::Lambda::Permission$/, /\|([^|]+)$/]],
  subnetId: [[/^AWS::EC2::Subnet$/, last]],
  table: [[/^bigquery\.googleapis\.com\/Table$/, last]],
  topicArn: [[/^AWS::SNS::Topic$/, wholeARN], [/^AWS::SNS::TopicPolicy$/, /^(arn:[^|]+)\|/]],
  trailName: [[/^AWS::CloudTrail::Trail$/, last]],
  userName: [[/^AWS::IAM::User$/, last], [/^AWS::IAM::AccessKey$/, /:user\/(?:.+\/)?([^/]+)\/access-key\/[^/]+$/]],
  vaultName: [[/^Microsoft\.KeyVault\/vaults\//i, /\/vaults\/([^/]+)/i]],
  vpcId: [[/^AWS::EC2::VPC$/, last]],
  workspace: [[/^Microsoft\.MachineLearningServices\/workspaces\//i, /\/workspaces\/([^/]+)/i]],
};

// nameFor gives what a placeholder stands for, "" if that is not sure.
function nameFor(placeholder, x) {
  const r = store.resources, id = r.id[x], type = r.type[x], place = r.location[x], unit = r.unit[x].split("/").pop();
  if (inIDs[placeholder]) {
    const at = inIDs[placeholder].find(([of]) => of.test(type));
    return at && at[1].exec(id)?.[1] || "";
  }
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

