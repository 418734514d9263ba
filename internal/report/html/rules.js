// The list of recommendations stands in the page; the script finds in it, fills
// in names and the first resources, and opens what an address names.
const rulesView = { filters: new Map() };

function filterRules(filters) {
  rulesView.filters = filters;
  const words = termsOf(filters.get("q")), control = filters.get("control")?.[0], severity = filters.get("severity")?.[0], cloud = filters.get("cloud")?.[0];
  const filtered = words.length || control || severity || cloud;
  let shown = 0, all = 0;
  for (const group of document.querySelectorAll(".group")) {
    let here = 0;
    for (const rule of group.querySelectorAll(".rule[data-find]")) {
      const d = rule.dataset;
      const fits = words.every(w => d.find.includes(w)) && (!control || d.control === control) && (!severity || d.severity === severity) && (!cloud || d.cloud === cloud);
      rule.hidden = !fits;
      here += fits;
      all++;
    }
    group.hidden = here === 0;
    shown += here;
    if (group.matches("details") && filtered && here) group.open = true;
  }
  byId("rules-found").textContent = filtered ? `${number(shown)} of ${counted(all, "recommendation")}` : "";
  const none = byId("rules-none");
  if (none) {
    none.hidden = shown > 0;
    none.textContent = `No recommendation matches. Without filters there are ${number(all)}.`;
  }
  const chips = [["control", "Control", control], ["severity", "Severity", severity], ["cloud", "Cloud", cloud]].filter(([, , v]) => v);
  byId("rules-chips")?.replaceChildren(...chips.map(([name, word, v]) => el("span", { class: "chip-pair" }, el("span", { class: "chip on" }, word, el("b", null, sayFilter(name, v))),
    el("button", { type: "button", class: "drop", "aria-label": `Remove the filter ${word}`, click: () => setRules(name, []) }, mark("close")))));
}

// sayFilter is a filter's value in words; a control is in words already.
const sayFilter = (name, v) => name === "control" ? v : facets.find(f => f.name === name).say(v) || v;

function setRules(name, values) {
  values.length && values[0] !== "" ? rulesView.filters.set(name, values) : rulesView.filters.delete(name);
  history.replaceState(null, "", addressOf("recommendations", rulesView.filters));
  filterRules(rulesView.filters);
}

const mostSaid = 5;

// fillRule adds to an opened recommendation the first resources that are
// unhealthy, and their names to its command, and to a policy what its assignments
// say of what is.
function fillRule(details) {
  details.querySelectorAll(".command").forEach(addCopy);
  if (!store.size) return;
  const rule = Number(details.dataset.rule), rows = [], referred = [];
  let total = 0;
  for (let row = 0; row < store.size; row++) {
    if (store.rule[row] !== rule || store.state[row] !== 1) continue;
    if (++total <= 5) rows.push(row);
    if (store.extra[row]) referred.push(row);
  }
  if (!total) return;
  fillCommands(details, rows[0]);
  const key = store.rules[rule].key, first = details.querySelector(".first");
  const open = row => addressOf("checks", new Map([["recommendation", [key]], ["state", ["unhealthy"]], ["row", rowName(row)]]));
  first.hidden = false;
  first.replaceChildren(el("h3", null, "Unhealthy"), el("ul", { class: "others" }, ...rows.map(row =>
    el("li", null, el("a", { href: open(row) }, mark("unhealthy"), el("span", { class: "say", dir: "auto" }, resourceName(row)),
      el("span", { class: "quiet" }, sayScope(store.resources.scope[store.resource[row]])))))));
  if (total > rows.length) first.append(el("a", { href: addressOf("checks", new Map([["recommendation", [key]], ["state", ["unhealthy"]]])) }, `All ${counted(total, "check")}`));
  const said = messagesOf(referred);
  first.prepend(...said.slice(0, mostSaid).map(saying));
  if (said.length > mostSaid) first.children[mostSaid - 1].append(` And ${number(said.length - mostSaid)} more.`);
}

// openDoors makes a number of a control a way to its checks, where as many are
// found: a number that led elsewhere would be a lie.
function openDoors(standard) {
  if (!store.whole || standard.doors) return;
  standard.doors = true;
  const rulesIn = new Map(), counts = new Map();
  store.rules.forEach((r, i) => r.in.forEach(c => { const k = c.join(":"); rulesIn.set(k, [...(rulesIn.get(k) || []), i]); }));
  const perRule = rulesByState();
  for (const e of standard.querySelectorAll("[data-control]")) {
    const control = e.dataset.control, state = states.indexOf(e.dataset.state);
    if (!counts.has(control)) counts.set(control, (rulesIn.get(control) || []).reduce((sum, r) => sum.map((n, s) => n + perRule[r * 8 + s]), Array(8).fill(0)));
    const exempt = exemptIn(control);
    const n = counts.get(control)[state] + (state === 5 ? exempt.reduce((a, b) => a + b, 0) : -exempt[state]);
    if (number(n) !== e.textContent) continue;
    e.replaceWith(el("a", { class: "door", href: addressOf("checks", new Map([["control", [control]], ["state", [states[state]]]])) }, e.textContent));
  }
}

// narrowDoors keeps doors of rules exact where persons have spoken about manual
// controls.
function narrowDoors() {
  const control = store.rules.map(r => r.kind === "control");
  if (!store.state.some((s, row) => s === 1 && control[store.rule[row]])) return;
  for (const a of document.querySelectorAll("a[data-rules]")) a.setAttribute("href", a.getAttribute("href") + "&kind=recommendation,policy");
}

function rulesByState() {
  const counts = new Uint32Array(store.rules.length * 8);
  for (let row = 0; row < store.size; row++) counts[store.rule[row] * 8 + store.state[row]]++;
  return counts;
}

// exemptIn counts, by the state beneath, what is exempt in one control alone.
function exemptIn(control) {
  const counts = Array(8).fill(0), shown = statesIn([control]);
  if (shown === store.state) return counts;
  for (const row of store.referred) if (shown[row] !== store.state[row] && store.rules[store.rule[row]].in.some(c => c.join(":") === control)) counts[store.state[row]]++;
  return counts;
}

