// Which part of the report is shown, the keyboard, the colours, and the start.
const parts = [...document.querySelectorAll("section.view")];

// route shows what the address names: a part, or a thing inside one.
function route() {
  const { view: name, filters } = readAddress();
  closeFacet();
  const target = name ? byId(name) : null, section = target?.closest("section.view") || parts[0];
  const moved = section.hidden || !section.classList.contains("shown");
  for (const p of parts) { p.hidden = p !== section; p.classList.toggle("shown", p === section); }
  for (const a of document.querySelectorAll(".rail a")) a.dataset.view === section.id ? showPart(a) : a.removeAttribute("aria-current");
  if (section.id === "checks") {
    if (!filters.has("row")) closePanelQuietly();
    list.filters = filters;
    byId("list-search").value = filters.get("q")?.[0] || "";
    list.at = 0;
    byId("scroller").scrollTop = 0;
    list.show();
  }
  if (section.id === "recommendations") {
    filterRules(filters);
    const find = byId("rules-search");
    if (find) find.value = filters.get("q")?.[0] || "";
  }
  if (target && target !== section) reveal(target);
  else if (moved) { scrollTo(0, 0); if (started) section.querySelector("h1").focus({ preventScroll: true }); }
}

// showPart marks the way to the part that is shown, and brings it into sight where
// the ways stand in one line that scrolls.
function showPart(a) {
  a.setAttribute("aria-current", "page");
  a.parentElement.scrollLeft = a.offsetLeft - a.parentElement.offsetLeft - 12;
}

function closePanelQuietly() {
  panel.row = -1;
  byId("panel").hidden = true;
  document.documentElement.classList.remove("with-panel");
}

// reveal opens everything around a thing, and the thing, and brings it into
// sight.
function reveal(target) {
  for (let e = target; e; e = e.parentElement) {
    if (e.matches("details")) e.open = true;
    if (e.matches(".rule, .group")) e.hidden = false;
  }
  target.scrollIntoView({ block: target.matches(".row") ? "center" : "start" });
  target.classList.add("found-now");
  setTimeout(() => target.classList.remove("found-now"), 1600);
  (target.querySelector("summary") || target).focus?.({ preventScroll: true });
}

// late calls f once a pause in typing has come.
function late(f) {
  let timer;
  return () => { clearTimeout(timer); timer = setTimeout(f, 60); };
}

byId("list-search").addEventListener("input", late(() => list.set("q", [byId("list-search").value], true)));
byId("list-form").addEventListener("submit", event => { event.preventDefault(); byId("grid").focus(); });
byId("list-clear").addEventListener("click", () => {
  const sort = list.filters.get("sort");
  list.filters = new Map(sort ? [["sort", sort]] : []);
  byId("list-search").value = "";
  list.set("q", []);
});
byId("rules-search")?.addEventListener("input", late(() => setRules("q", [byId("rules-search").value])));
byId("rules-form")?.addEventListener("submit", event => event.preventDefault());
byId("scroller").addEventListener("scroll", () => list.draw(), { passive: true });
addEventListener("resize", late(() => { if (!byId("checks").hidden) { list.layout(); list.draw(); } }));
addEventListener("hashchange", route);
document.addEventListener("toggle", event => {
  if (!event.target.open) return;
  if (event.target.matches("details.rule")) fillRule(event.target);
  if (event.target.matches("details.standard")) openDoors(event.target);
}, true);
// A number inside a line that folds is a way elsewhere, not the fold.
document.addEventListener("click", event => { if (event.target.closest("summary a")) event.stopPropagation(); });

document.addEventListener("keydown", event => {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.key === "Escape") { if (closeFacet() || closePanel()) event.preventDefault(); else document.activeElement?.blur?.(); return; }
  if (event.target.matches("input, textarea, select")) return;
  const section = document.querySelector("section.view.shown");
  if (event.key === "/") {
    event.preventDefault();
    if (section.id !== "recommendations" && section.id !== "checks") location.hash = "#checks";
    setTimeout(() => byId(section.id === "recommendations" ? "rules-search" : "list-search")?.focus());
  } else if (section.id === "checks") listKey(event);
  else if (section.id === "recommendations") ruleKey(event);
});

function listKey(event) {
  if (event.target.closest("#panel, .popover, button, a") && event.key !== "Escape") return;
  const page = Math.max(1, Math.floor(byId("scroller").clientHeight / list.rowHeight()) - 1);
  const to = { ArrowDown: list.at + 1, j: list.at + 1, ArrowUp: list.at - 1, k: list.at - 1, PageDown: list.at + page, PageUp: list.at - page, Home: 0, End: view.rows.length - 1 }[event.key];
  if (to !== undefined) {
    event.preventDefault();
    list.moveTo(to);
    if (panel.row >= 0) openRow(view.rows[list.at]);
  } else if (event.key === "Enter") {
    event.preventDefault();
    openRow(view.rows[list.at]);
    byId("panel").focus({ preventScroll: true });
  }
}

// ruleKey moves through the lines of the recommendations that are in sight.
function ruleKey(event) {
  const step = { ArrowDown: 1, j: 1, ArrowUp: -1, k: -1 }[event.key];
  if (!step) return;
  const lines = [...document.querySelectorAll("#recommendations summary")].filter(s => s.offsetParent);
  const at = lines.indexOf(document.activeElement);
  event.preventDefault();
  lines[Math.max(0, Math.min(lines.length - 1, at + step))]?.focus();
}

// The switch overrides what the system prefers, and remembers it.
const theme = byId("colours"), isDark = () => matchMedia("(prefers-color-scheme: dark)").matches;
function showTheme() {
  const chosen = document.documentElement.dataset.theme;
  theme.setAttribute("aria-pressed", chosen ? chosen === "dark" : isDark());
}
theme.addEventListener("click", () => {
  const dark = theme.getAttribute("aria-pressed") !== "true";
  document.documentElement.dataset.theme = dark ? "dark" : "light";
  try { localStorage.setItem("bartizan-theme", dark ? "dark" : "light"); } catch { /* it lasts as long as the page */ }
  showTheme();
});
showTheme();

let started = false, shownSize = 0;
route();
started = true;
readChecks(() => {
  if (store.whole || store.failed || !byId("checks").hidden && !shownSize) list.show(); // not at every piece: sorting is what costs
  else drawCount();
  shownSize = store.size;
  if (!store.whole) return;
  performance.mark("checks read");
  noteTotals();
  narrowDoors();
  document.querySelector('.rail a[data-view="checks"]').append(el("span", { class: "count" }, number(store.size)));
  document.querySelectorAll("details.rule[open]").forEach(fillRule);
  document.querySelectorAll("details.standard[open]").forEach(openDoors);
  document.documentElement.dataset.ready = "true";
});
