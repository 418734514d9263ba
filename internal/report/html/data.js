// The checks, joined from the pieces that lie in the page. Columns of numbers,
// with tables of texts beside them: a hundred thousand objects would cost ten
// times the memory, and every filter a walk through it.
const index = JSON.parse(byId("index").textContent);
const store = {
  size: 0, whole: false, failed: "",
  rule: [], resource: [], state: [], judged: [], reason: [], marks: [], detail: [], proof: [], extra: [],
  rules: index.rules.map(r => ({ control: "", in: [], kind: r.imported ? "policy" : "recommendation", ...r })),
  resources: { id: [], name: [], type: [], location: [], unit: [], scope: [], tags: [], cloud: [], called: [] },
  details: [""], proofs: [[]], extras: [null],
  referred: [], // rows that have references
};
const joined = { resources: new Map(), details: new Map([["", 0]]), proofs: new Map() };

// readChecks joins piece by piece and lets the page breathe between them.
async function readChecks(progress) {
  try {
    for (const script of document.querySelectorAll('script[type="application/x-bartizan-checks"]')) {
      addPiece(JSON.parse(await unpack(script.textContent)));
      script.remove();
      progress();
      await new Promise(done => setTimeout(done));
    }
    store.whole = true;
  } catch (error) {
    store.failed = String(error.message || error);
  }
  progress();
}

async function unpack(base64) {
  const text = atob(base64), bytes = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) bytes[i] = text.charCodeAt(i);
  let stream;
  try { stream = new DecompressionStream("deflate-raw"); } catch { return new TextDecoder().decode(inflate(bytes)); }
  return new Response(new Blob([bytes]).stream().pipeThrough(stream)).text();
}

function addPiece(p) {
  const text = p.text, r = store.resources;
  for (let i = 0; i < p.rules.length; i += 3) store.rules[p.rules[i]] = unlisted(text[p.rules[i + 1]], p.rules[i + 2]);
  const resources = [0], proofs = [0], extras = [0];
  for (let i = 0; i < p.resources.length; i += 9) {
    const called = text[p.resources[i + 8]];
    let n = joined.resources.get(called);
    if (n === undefined) {
      joined.resources.set(called, n = r.id.length);
      r.id.push(text[p.resources[i]]);
      ["name", "type", "location", "unit", "scope", "tags"].forEach((column, at) => r[column].push(text[p.resources[i + 1 + at]]));
      r.cloud.push(p.resources[i + 7]);
      r.called.push(called);
    }
    resources.push(n);
  }
  for (const numbers of p.evidence) {
    const pieces = [];
    for (let i = 0; i < numbers.length; i += 4) {
      pieces.push({ path: text[numbers[i]], found: numbers[i + 1] ? text[numbers[i + 1]] : null, wanted: text[numbers[i + 2]], resource: text[numbers[i + 3]] });
    }
    proofs.push(intern(joined.proofs, store.proofs, JSON.stringify(pieces), pieces));
  }
  for (const numbers of p.extras) {
    const references = [], end = 4 + 4 * numbers[3];
    for (let i = 4; i < end; i += 4) references.push({ assignment: text[numbers[i]], member: text[numbers[i + 1]], exempt: numbers[i + 2] > 0, mitigated: numbers[i + 2] === 2, message: text[numbers[i + 3]] });
    extras.push(store.extras.push({ category: text[numbers[0]], until: text[numbers[1]], why: text[numbers[2]], references, exemptIn: numbers.slice(end).map(i => text[i].toLowerCase()) }) - 1);
  }
  for (let i = 0; i < p.rule.length; i++) {
    const v = p.verdict[i];
    store.rule.push(p.rule[i]);
    store.resource.push(resources[p.resource[i]]);
    store.state.push(v & 7);
    store.judged.push(v >> 3 & 7);
    store.reason.push(v >> 6 & 7);
    store.marks.push(v >> 9);
    store.detail.push(intern(joined.details, store.details, text[p.detail[i]], text[p.detail[i]]));
    store.proof.push(proofs[p.proof[i]]);
    store.extra.push(extras[p.extra[i]]);
    if (p.extra[i] && store.extras[extras[p.extra[i]]].references.length) store.referred.push(store.size);
    store.size++;
  }
}

function intern(known, list, key, value) {
  let n = known.get(key);
  if (n === undefined) known.set(key, n = list.push(value) - 1);
  return n;
}

// unlisted is a rule that the report's sums do not list. The check of a manual
// control is named STANDARD:CONTROL and belongs to that control.
function unlisted(id, severity) {
  const at = id.indexOf(":"), standard = index.standards?.find(s => s.id === id.slice(0, at));
  if (!standard) return { key: id, title: id, severity, kind: "policy", control: "", in: [] };
  const control = id.slice(at + 1);
  return { key: id, title: `${control} ${standard.controls[control] || ""}`.trim(), severity, kind: "control", control: "", in: [[standard.id, control]] };
}

