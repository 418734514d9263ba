// The list of checks. However many there are, a fixed number of row elements
// shows the window that is looked at.
const columns = [
  { name: "state", word: "State", cell: row => stateLabel(view.state[row]) },
  { name: "severity", word: "Severity", cell: row => severityLabel(store.rules[store.rule[row]].severity) },
  { name: "recommendation", word: "Recommendation", cell: row => store.rules[store.rule[row]].title },
  { name: "resource", word: "Resource", cell: row => resourceName(row) },
  { name: "scope", word: "Scope", cell: row => sayScope(store.resources.scope[store.resource[row]]) },
  { name: "type", word: "Type", cell: row => shortType(store.resources.type[store.resource[row]]), title: row => store.resources.type[store.resource[row]] },
];
const tallest = 12e6; // browsers cut elements that are much taller

// resourceName is the name, of a unit the one that people gave it.
function resourceName(row) {
  const r = store.resources, x = store.resource[row];
  const unit = r.id[x].toLowerCase() === r.unit[x].toLowerCase() ? index.units[r.unit[x]] : "";
  return unit || r.name[x] || r.id[x];
}

const shortType = type => type.replace(/^(AWS:{2,}|[^/]+\.[^/]+\/)/, "");

const list = {
  filters: new Map(), at: 0, top: 0, pool: [], sorted: "",

  // set changes one filter and shows the list anew; the address follows.
  set(name, values, quietly) {
    values.length ? this.filters.set(name, values) : this.filters.delete(name);
    this.filters.delete("row");
    const address = addressOf("checks", this.filters);
    quietly ? history.replaceState(null, "", address) : history.pushState(null, "", address);
    this.show();
  },

  show() {
    const began = performance.now();
    const sort = this.filters.get("sort")?.[0] || "state";
    if (this.sorted !== sort + store.size) {
      view.order = sortRows(sort);
      this.sorted = sort + store.size;
    }
    applyFilters(this.filters);
    this.at = Math.min(this.at, Math.max(0, view.rows.length - 1));
    drawHead(sort);
    drawChips();
    drawCount();
    this.layout();
    this.draw();
    showNamedRow();
    performance.measure("list", { start: began });
  },

  rowHeight: () => matchMedia("(max-width: 720px)").matches ? 62 : 34,

  layout() {
    const scroller = byId("scroller"), height = Math.min(view.rows.length * this.rowHeight(), tallest);
    byId("runway").style.height = `${height}px`;
    byId("grid").setAttribute("aria-rowcount", view.rows.length + 1);
    const want = Math.ceil(scroller.clientHeight / this.rowHeight()) + 2;
    while (this.pool.length < Math.min(want, 60)) this.pool.push(newRow(this.pool.length));
  },

  // first gives the row at the top of the window. Where the runway was cut, its
  // length stands for all rows in proportion.
  first() {
    const scroller = byId("scroller"), h = this.rowHeight(), whole = view.rows.length * h;
    if (whole <= tallest) return scroller.scrollTop / h;
    return scroller.scrollTop / Math.max(1, tallest - scroller.clientHeight) * (view.rows.length - scroller.clientHeight / h);
  },

  draw() {
    const scroller = byId("scroller"), h = this.rowHeight(), exact = this.first(), first = Math.floor(exact);
    const shift = scroller.scrollTop - (exact - first) * h;
    this.pool.forEach((e, i) => {
      const n = first + i;
      e.hidden = n >= view.rows.length;
      if (!e.hidden) fillRow(e, n, shift + i * h);
    });
    const last = Math.min(view.rows.length, Math.floor(exact + scroller.clientHeight / h + .01));
    byId("list-window").textContent = view.rows.length ? `${number(first + 1)} to ${number(last)}` : "";
    byId("grid").setAttribute("aria-activedescendant", view.rows.length ? "row-" + this.at : "");
  },

  // moveTo puts the cursor on a row and the row into the window.
  moveTo(n) {
    if (!view.rows.length) return;
    this.at = Math.max(0, Math.min(view.rows.length - 1, n));
    const scroller = byId("scroller"), h = this.rowHeight(), shown = scroller.clientHeight / h, first = this.first();
    if (this.at < first || this.at + 1 > first + shown) {
      const target = this.at < first ? this.at : this.at + 1 - shown, whole = view.rows.length * h;
      scroller.scrollTop = whole <= tallest ? target * h : target / (view.rows.length - shown) * (tallest - scroller.clientHeight);
    }
    this.draw();
  },
};

function newRow(n) {
  const e = el("div", { class: "row check", role: "row", hidden: true },
    ...columns.map(c => el("span", { role: "gridcell", class: "c-" + c.name })));
  e.addEventListener("click", () => { list.at = e.number; openRow(view.rows[e.number]); list.draw(); byId("grid").focus({ preventScroll: true }); });
  e.dataset.pool = n;
  byId("runway").append(e);
  return e;
}

function fillRow(e, n, top) {
  const row = view.rows[n];
  e.style.transform = `translateY(${top}px)`;
  e.classList.toggle("cursor", n === list.at);
  e.setAttribute("aria-selected", row === panel.row);
  if (e.row === row && e.number === n && e.state === view.state[row]) return;
  e.row = row; e.number = n; e.state = view.state[row];
  e.id = "row-" + n;
  e.setAttribute("aria-rowindex", n + 2);
  columns.forEach((c, i) => {
    const cell = e.children[i], content = c.cell(row);
    if (typeof content === "string") { cell.textContent = content; cell.title = c.title ? c.title(row) : content; } else cell.replaceChildren(content);
  });
}

function drawHead(sort) {
  const down = sort.startsWith("-"), name = down ? sort.slice(1) : sort;
  byId("grid-head").replaceChildren(...columns.map(c => {
    const on = c.name === name;
    return el("span", { role: "columnheader", "aria-sort": on ? (down ? "descending" : "ascending") : "none" },
      el("button", { type: "button", class: "sort", click: () => list.set("sort", on && !down ? ["-" + c.name] : c.name === "state" ? [] : [c.name]) },
        c.word, on ? el("span", { class: "arrow", "aria-hidden": "true" }, down ? "↓" : "↑") : null));
  }));
}

function drawCount() {
  const n = view.rows.length, all = store.size;
  const words = n === all ? counted(all, "check") : `${number(n)} of ${counted(all, "check")}`;
  byId("list-count").textContent = store.failed ? `The checks could not be read: ${store.failed}` : store.whole ? words : `Reading, ${words} so far`;
  byId("scroller").hidden = n === 0;
  byId("list-empty").hidden = n > 0 || !store.whole;
  if (n === 0 && store.whole) byId("list-empty").replaceChildren(...emptyWords());
}

// emptyWords name the filter that emptied the list, and what remains without.
function emptyWords() {
  if (store.size === 0) return [el("b", null, "No checks"), el("p", null, "Nothing that was read has a recommendation that speaks about it, or the report was written without checks.")];
  const ways = facets.map((f, bit) => ({ word: f.word, name: f.name, n: view.active[bit] ? withoutFacet(bit) : 0 }));
  ways.push({ word: "Search", name: "q", n: termsOf(list.filters.get("q")).length ? view.withoutText : 0 });
  const best = ways.sort((a, b) => b.n - a.n)[0];
  const clear = el("button", { type: "button", class: "link", click: () => byId("list-clear").click() }, "Clear all");
  if (!best.n) return [mark("filter"), el("b", null, "No check matches"), el("p", null, "Several filters together leave nothing."), el("p", null, clear)];
  return [mark("filter"), el("b", null, "No check matches"), el("p", null, "Without ", el("b", null, best.word), ` there are ${number(best.n)}.`),
    el("p", null, el("button", { type: "button", click: () => { if (best.name === "q") byId("list-search").value = ""; list.set(best.name, []); } }, `Remove ${best.word}`), " ", clear)];
}

// noteTotals says when the file lists fewer checks than its sums are of.
function noteTotals() {
  const listed = store.state.reduce((n, s) => n + (s !== 6), 0), note = byId("list-note");
  note.hidden = !store.whole || listed >= index.expected;
  note.textContent = `This report lists ${number(listed)} of ${number(index.expected)} checks, because it was written with --severity or --state. Score, coverage and compliance are of all.`;
}

