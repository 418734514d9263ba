// The evidence of one check: why this state, what it was judged on, how to
// mend it, and what else there is about the resource.
const panel = { row: -1 };

const rowName = row => [store.rules[store.rule[row]].key, store.resources.called[store.resource[row]]];

// openRow shows a check beside the list and writes it into the address.
function openRow(row) {
  if (row === undefined) return;
  list.filters.set("row", rowName(row));
  history.replaceState(null, "", addressOf("checks", list.filters));
  showRow(row);
}

function showRow(row) {
  panel.row = row;
  const e = byId("panel");
  e.replaceChildren(...evidenceOf(row));
  e.hidden = false;
  e.scrollTop = 0;
  document.documentElement.classList.add("with-panel");
  list.layout();
  list.draw();
}

function closePanel() {
  if (panel.row < 0) return false;
  panel.row = -1;
  byId("panel").hidden = true;
  document.documentElement.classList.remove("with-panel");
  if (list.filters.delete("row")) history.replaceState(null, "", addressOf("checks", list.filters));
  list.layout();
  list.draw();
  byId("grid").focus({ preventScroll: true });
  return true;
}

// showNamedRow opens the check that the address names, once it has been read.
function showNamedRow() {
  const name = list.filters.get("row");
  if (!name || panel.row >= 0 && rowName(panel.row).join() === name.join()) return;
  const resource = joined.resources.get(name[1]);
  if (resource === undefined) return;
  for (let row = 0; row < store.size; row++) {
    if (store.resource[row] === resource && store.rules[store.rule[row]].key === name[0]) {
      const at = view.rows.indexOf(row);
      if (at >= 0) list.moveTo(at);
      return showRow(row);
    }
  }
}

function evidenceOf(row) {
  const rule = store.rules[store.rule[row]], state = view.state[row], judged = store.judged[row];
  const tags = [];
  if (store.marks[row] & 1) tags.push(el("span", { class: "tag" }, "Attested"));
  if (store.marks[row] & 2) tags.push(el("span", { class: "tag" }, "In conflict"));
  return [
    el("div", { class: "panel-head" },
      el("span", { class: "marks" }, stateLabel(state), severityLabel(rule.severity), ...tags),
      el("button", { type: "button", class: "icon", "aria-label": "Close the evidence", title: "Close (Esc)", click: closePanel }, mark("close"))),
    el("h2", { dir: "auto" }, rule.title),
    resourceFacts(row),
    el("div", { class: "verdict " + states[state] }, ...sentence(row, state, judged)),
    ...proofOf(row), ...referencesOf(row), ...adviceFor(row), ...othersOf(row),
  ];
}

function resourceFacts(row) {
  const r = store.resources, x = store.resource[row], id = r.id[x];
  const where = [r.type[x], r.location[x], r.cloud[x] ? cloudNames[r.cloud[x]] : "", sayScope(r.scope[x]), index.units[r.unit[x]] || ""];
  return el("div", { class: "about" },
    el("p", null, el("b", { dir: "auto" }, resourceName(row)), " ", el("span", { class: "quiet" }, [...new Set(where)].filter(Boolean).join(" · "))),
    el("p", { class: "id" }, el("code", { dir: "auto" }, id),
      el("button", { type: "button", class: "icon", title: "Copy the id", "aria-label": "Copy the id", click: event => copy(id, event.currentTarget) }, mark("copy"))),
    r.tags[x] ? el("p", { class: "tags" }, ...r.tags[x].split(" | ").map(t => el("span", { class: "tag" }, t))) : null);
}

// sentence says in words why the state is what it is.
function sentence(row, state, judged) {
  const why = () => {
    const reason = store.reason[row], attested = store.marks[row] & 1;
    if (attested) return [`A person attested it as ${stateWords[judged].toLowerCase()}.`];
    switch (judged) {
      case 1: return wrong(row);
      case 2: return [`Could not be judged: ${reasons[reason] || "no reason given"}`, reason ? `, ${reasonWords[reason]}.` : "."];
      case 3: return ["As the rule wants it."];
      case 4: return ["A person has to attest it, and nobody has, validly."];
      default: return ["The rule names this type, and does not apply to this resource."];
    }
  };
  const words = why();
  const detail = store.details[store.detail[row]];
  if (detail) words.push(" ", el("span", { class: "detail" }, detail));
  const said = messagesOf([row]).map(saying);
  if (state !== 5) return [...words, ...said];
  const mark = store.extras[store.extra[row]];
  return [el("p", null, `Exempt (${mark?.category || "in this control"})${mark?.until ? " until " + mark.until : ""}. It leaves score and rate.`),
    mark?.why ? el("p", { class: "detail" }, "Reason: " + mark.why) : null,
    el("p", { class: "beneath" }, "Beneath it: ", stateLabel(judged), " ", ...words), ...said];
}

// messagesOf gives what assignments say of checks that are unhealthy, each once.
const messagesOf = rows => [...new Set(rows.flatMap(row => (store.extras[store.extra[row]]?.references || []).map(r => r.message)))].filter(Boolean);

const saying = message => el("p", { class: "said" }, "The assignment says: ", el("span", { class: "detail", dir: "auto" }, message));

function wrong(row) {
  const proof = store.proofs[store.proof[row]];
  if (proof.length !== 1) return [`Not as the rule wants it${proof.length ? `, judged on ${number(proof.length)} values` : ""}.`];
  const p = proof[0], short = p.path.split(".").pop();
  if ((p.found || "").length + p.wanted.length > 80) return ["Not as the rule wants it: ", el("code", null, short), "."];
  return [el("code", null, short), " is ", el("code", null, p.found ?? "absent"), ", the rule wants: ", el("code", null, p.wanted), "."];
}

function proofOf(row) {
  const proof = store.proofs[store.proof[row]];
  if (!proof.length) return [];
  const line = p => el("tr", null,
    el("td", null, el("code", null, ...breakable(p.path)), p.resource ? el("div", { class: "id" }, "in ", el("code", { dir: "auto" }, p.resource)) : null),
    el("td", null, p.found === null ? el("span", { class: "quiet" }, store.judged[row] === 2 ? "not read" : "absent") : el("code", null, ...breakable(p.found, valueBreaks))),
    el("td", null, el("code", null, ...breakable(p.wanted, wantedBreaks))));
  return [el("h3", null, "Evidence"), el("table", { class: "proof" },
    el("thead", null, el("tr", null, el("th", null, "Path"), el("th", null, "Found"), el("th", null, "Wanted"))),
    el("tbody", null, ...proof.map(line)))];
}

// breakable lets a long path or value break where a reader would: a path after
// dots and before capitals, a value between the members of a list.
const wantedBreaks = /(?<=[,./])|(?<=[a-z])(?=[A-Z])/, pathBreaks = /(?<=[./\]])|(?<=[a-z])(?=[A-Z])/, valueBreaks = /(?<=,)/;
const breakable = (text, at = pathBreaks) => text.split(at).flatMap((piece, i) => i ? [el("wbr"), piece] : [piece]);

function referencesOf(row) {
  const references = store.extras[store.extra[row]]?.references || [];
  if (!references.length) return [];
  const several = messagesOf([row]).length > 1;
  return [el("h3", null, "Counts in"), el("ul", { class: "references" }, ...references.map(r =>
    el("li", null, el("code", null, [r.assignment, r.member].filter(Boolean).join(" · ")), " ", r.exempt ? stateLabel(5) : null, r.mitigated ? " mitigated" : null,
      several && r.message ? el("p", { class: "detail", dir: "auto" }, r.message) : null)))];
}

// adviceFor copies what the recommendation says, with this resource's names.
function adviceFor(row) {
  const source = document.querySelector(`details.rule[data-rule="${store.rule[row]}"] .advice`);
  if (!source) return [];
  const copied = source.cloneNode(true);
  copied.querySelectorAll("[id]").forEach(e => e.removeAttribute("id"));
  fillCommands(copied, row);
  const type = store.resources.type[store.resource[row]].toLowerCase();
  for (const figure of copied.querySelectorAll(".command[data-types]")) {
    if (!figure.dataset.types.split(" ").includes(type)) figure.remove();
  }
  const key = store.rules[store.rule[row]].key;
  return [el("hr"), copied, el("p", null, el("a", { href: "#" + encodeURIComponent("rule:" + key.replaceAll(" ", "_")) }, "Open the recommendation"))];
}

// othersOf lists the other checks of the resource, worst first.
function othersOf(row) {
  const resource = store.resource[row], rows = [];
  for (const other of view.order) if (store.resource[other] === resource && other !== row) rows.push(other);
  if (!rows.length) return [];
  rows.sort((a, b) => stateRank[store.state[a]] - stateRank[store.state[b]]);
  return [el("h3", null, `Other checks of this resource (${number(rows.length)})`), el("ul", { class: "others" }, ...rows.slice(0, 50).map(other =>
    el("li", null, el("button", { type: "button", click: () => openRow(other) }, mark(states[store.state[other]]), el("span", { class: "say" }, store.rules[store.rule[other]].title),
      el("span", { class: "sr" }, stateWords[store.state[other]])))))];
}

