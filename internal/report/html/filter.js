// Filters over the columns: pure, one pass over the rows. Every facet looks at
// a rule, a resource or the row itself, so its answer is worked out once a
// rule or resource and the pass only looks it up.
const facets = [
  { name: "state", word: "State", of: "row", values: row => [states[view.state[row]]], say: v => stateWords[states.indexOf(v)] },
  { name: "severity", word: "Severity", of: "rule", values: r => [severities[store.rules[r].severity]], say: v => severityWords[severities.indexOf(v)] },
  { name: "cloud", word: "Cloud", of: "resource", values: x => [clouds[store.resources.cloud[x]]], say: v => cloudNames[clouds.indexOf(v)] },
  { name: "type", word: "Type", of: "resource", values: x => [store.resources.type[x]], say: v => v },
  { name: "scope", word: "Scope", of: "resource", values: scopesOf, say: sayScope },
  { name: "recommendation", word: "Recommendation", of: "rule", values: r => [store.rules[r].key], say: v => titleOf(v) },
  { name: "standard", word: "Standard", of: "rule", values: r => [...new Set(store.rules[r].in.map(c => c[0]))], say: v => standardOf(v)?.title || v },
  { name: "control", word: "Control", of: "rule", values: r => store.rules[r].in.map(c => c.join(":")), say: sayControl },
  { name: "kind", word: "Kind", of: "rule", values: r => [store.rules[r].kind], say: v => kindWords[v] || v },
  { name: "reason", word: "Reason", of: "row", values: row => [reasons[store.reason[row]]], say: v => v || "none" },
];

const kindWords = { recommendation: "Recommendation", policy: "Policy", control: "Manual control" };

const view = { state: [], rows: [], order: [] };

function scopesOf(x) {
  const { unit, scope } = store.resources;
  return unit[x] === scope[x] ? [unit[x]] : [unit[x], scope[x]];
}

function sayScope(id) {
  return index.units[id] || id.replace(/^\/subscriptions\/[^/]+\/resourceGroups\//i, "").replace(/^(\/subscriptions|projects)\//, "");
}

const titles = new Map();
function titleOf(key) {
  if (titles.size !== store.rules.length) store.rules.forEach(r => titles.set(r.key, r.title));
  return titles.get(key) || key;
}

const standardOf = id => index.standards?.find(s => s.id === id);

function sayControl(v) {
  const at = v.indexOf(":"), standard = standardOf(v.slice(0, at)), control = v.slice(at + 1);
  return [v, standard?.controls[control]].filter(Boolean).join(" ");
}

const TEXT = 1 << 30;

// applyFilters fills view.rows, in the order of view.order, and counts for
// every facet what it alone keeps out: that is what its values can offer.
function applyFilters(filters) {
  const began = performance.now();
  view.state = statesIn(filters.get("control"));
  const active = facets.map(f => filters.get(f.name)).map(v => v?.length && v[0] !== "" ? new Set(v) : null);
  const ruleFails = new Int32Array(store.rules.length), resourceFails = new Int32Array(store.resources.id.length);
  const stateFails = new Int32Array(8), reasonFails = new Int32Array(8);
  facets.forEach((f, bit) => {
    const wanted = active[bit];
    if (!wanted) return;
    const refuse = (fails, n, values) => { for (let i = 0; i < n; i++) if (!values(i).some(v => wanted.has(v))) fails[i] |= 1 << bit; };
    if (f.of === "rule") refuse(ruleFails, ruleFails.length, f.values);
    else if (f.of === "resource") refuse(resourceFails, resourceFails.length, f.values);
    else if (f.name === "state") refuse(stateFails, 7, i => [states[i]]);
    else refuse(reasonFails, 8, i => [reasons[i]]);
  });
  const words = termsOf(filters.get("q")), all = (1 << words.length) - 1;
  const inRule = matches(words, texts.rules()), inResource = matches(words, texts.resources()), inProof = matches(words, texts.proofs());
  const rows = new Uint32Array(store.size);
  let n = 0;
  const once = facets.map(f => new Uint32Array(f.of === "rule" ? ruleFails.length : f.of === "resource" ? resourceFails.length : 8));
  const at = facets.map(f => f.of === "rule" ? store.rule : f.of === "resource" ? store.resource : f.name === "state" ? view.state : store.reason);
  let shut = 0; // rows that the text alone keeps out
  const common = { rule: new Uint32Array(ruleFails.length), resource: new Uint32Array(resourceFails.length), state: new Uint32Array(8), reason: new Uint32Array(8) };
  for (const row of view.order) {
    const rule = store.rule[row], resource = store.resource[row], state = view.state[row], reason = store.reason[row];
    let fails = ruleFails[rule] | resourceFails[resource] | stateFails[state] | reasonFails[reason];
    if (all && (inRule[rule] | inResource[resource] | inProof[store.proof[row]]) !== all) fails |= TEXT;
    if (fails === 0) {
      rows[n++] = row;
      common.rule[rule]++; common.resource[resource]++; common.state[state]++; common.reason[reason]++;
    } else if (fails === TEXT) {
      shut++;
    } else if ((fails & (fails - 1)) === 0) {
      const bit = 31 - Math.clz32(fails);
      once[bit][at[bit][row]]++;
    }
  }
  view.rows = rows.subarray(0, n);
  view.common = common;
  view.once = once;
  view.withoutText = n + shut;
  view.active = active;
  performance.measure("filter", { start: began });
}

// facetCounts gives how many rows each value of a facet would show, under the
// other filters.
function facetCounts(bit) {
  const f = facets[bit], counts = new Map();
  const common = view.common[f.of === "row" ? f.name : f.of], once = view.once[bit];
  const values = f.of !== "row" ? f.values : f.name === "state" ? i => [states[i]] : i => [reasons[i]];
  for (let i = 0; i < once.length; i++) {
    const n = common[i] + once[i];
    if (n) for (const v of values(i)) if (v) counts.set(v, (counts.get(v) || 0) + n);
  }
  return counts;
}

// withoutFacet counts the rows that there would be without a filter.
const withoutFacet = bit => view.rows.length + view.once[bit].reduce((sum, n) => sum + n, 0);

// statesIn gives the states as a control sees them: what is exempt in one
// control alone is exempt there and nowhere else.
function statesIn(controls) {
  if (controls?.length !== 1 || !store.referred.length) return store.state;
  const shown = store.state.slice(), control = controls[0].toLowerCase();
  for (const row of store.referred) {
    if (store.extras[store.extra[row]].exemptIn.includes(control) && store.judged[row] !== 6) shown[row] = 5;
  }
  return shown;
}

const termsOf = q => (q?.[0] || "").toLowerCase().split(/\s+/).filter(Boolean).slice(0, 8);

// texts are what a search looks at, in small letters, made when the first one
// asks and kept until more checks are read.
const texts = {
  made: {},
  of(name, list, text) {
    const kept = this.made[name] ||= [];
    for (let i = kept.length; i < list.length; i++) kept.push(text(i).toLowerCase());
    return kept;
  },
  rules() { return this.of("rules", store.rules, i => { const r = store.rules[i]; return `${r.title} ${r.key} ${r.control}`; }); },
  resources() {
    const r = store.resources;
    return this.of("resources", r.id, i => `${r.id[i]} ${r.name[i]} ${r.type[i]} ${r.location[i]} ${r.tags[i]} ${index.units[r.unit[i]] || ""}`);
  },
  proofs() { return this.of("proofs", store.proofs, i => store.proofs[i].map(p => `${p.path} ${p.found} ${p.wanted} ${p.resource}`).join(" ")); },
};

function matches(words, list) {
  const found = new Uint8Array(list.length);
  words.forEach((word, bit) => { for (let i = 0; i < list.length; i++) if (list[i].includes(word)) found[i] |= 1 << bit; });
  return found;
}

// sortRows gives all rows in an order. What is equal stays worst first: the
// default order is by state, severity and title.
function sortRows(sort) {
  const down = sort.startsWith("-"), name = down ? sort.slice(1) : sort, n = store.size, keys = new Float64Array(n);
  const title = ranks(store.rules.map(r => r.title));
  const worst = row => (stateRank[store.state[row]] * 8 + 4 - store.rules[store.rule[row]].severity) * store.rules.length + title[store.rule[row]];
  const by = {
    severity: row => 4 - store.rules[store.rule[row]].severity,
    recommendation: row => title[store.rule[row]],
    resource: column("name"), type: column("type"), scope: column("scope"),
  }[name];
  function column(of) {
    if (of !== name && !(of === "name" && name === "resource")) return null;
    const rank = ranks(store.resources[of].map((v, i) => v || store.resources.id[i]));
    return row => rank[store.resource[row]];
  }
  const base = worstOrder(worst);
  if (!by) return down ? base.slice().reverse() : base;
  const most = store.resources.id.length + store.rules.length + 8;
  for (let i = 0; i < n; i++) keys[i] = (down ? most - by(base[i]) : by(base[i])) * n + i;
  return Uint32Array.from(keys.sort(), key => base[key % n]);
}

function worstOrder(worst) {
  const n = store.size, keys = new Float64Array(n);
  for (let i = 0; i < n; i++) keys[i] = worst(i) * n + i;
  return Uint32Array.from(keys.sort(), key => key % n);
}

function ranks(list) {
  const order = [...new Set(list)].sort((a, b) => a < b ? -1 : 1), rank = new Map(order.map((v, i) => [v, i]));
  return list.map(v => rank.get(v));
}

