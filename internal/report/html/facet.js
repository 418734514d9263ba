// Filter chips: one a facet, with the values it offers under the other filters.
let openChip = null;

function drawChips() {
  byId("list-chips").replaceChildren(...facets.map((f, bit) => chip(f, bit)).filter(Boolean));
  byId("list-clear").hidden = ![...list.filters].some(([name, v]) => name !== "sort" && name !== "row" && v.length && v[0] !== "");
}

function chip(f, bit) {
  const chosen = view.active[bit] ? [...view.active[bit]] : [];
  if (!chosen.length && facetCounts(bit).size < 2) return null; // nothing to choose from
  const words = chosen.length > 2 ? `${chosen.length} chosen` : chosen.map(f.say).join(", ");
  const button = el("button", { type: "button", class: "chip" + (chosen.length ? " on" : ""), "aria-haspopup": "dialog", "aria-expanded": false, "data-facet": f.name,
    title: chosen.map(f.say).join(", "), click: event => toggleFacet(event.currentTarget, f, bit) },
    f.word, chosen.length ? el("b", null, words) : null);
  if (!chosen.length) return button;
  const drop = el("button", { type: "button", class: "drop", "aria-label": `Remove the filter ${f.word}`, click: () => list.set(f.name, []) }, mark("close"));
  return el("span", { class: "chip-pair" }, button, drop);
}

function toggleFacet(button, f, bit) {
  const same = openChip?.button === button;
  closeFacet();
  if (same) return;
  const counts = facetCounts(bit), chosen = view.active[bit] || new Set();
  const values = [...new Set([...chosen, ...counts.keys()])].map(v => ({ v, say: f.say(v), n: counts.get(v) || 0 }));
  values.sort((a, b) => chosen.has(b.v) - chosen.has(a.v) || rankOf(f, a.v) - rankOf(f, b.v) || b.n - a.n || (a.say < b.say ? -1 : 1));
  const options = el("div", { class: "options" });
  const show = () => {
    const text = find.value.toLowerCase();
    const fitting = values.filter(o => o.say.toLowerCase().includes(text) || o.v.toLowerCase().includes(text));
    options.replaceChildren(...fitting.slice(0, 200).map(o => option(f, o, chosen)));
    if (fitting.length > 200) options.append(el("p", { class: "caption" }, `${number(fitting.length - 200)} more; type to find them`));
    if (!fitting.length) options.append(el("p", { class: "caption" }, "No value matches"));
  };
  const find = el("input", { type: "search", placeholder: "Find a value", "aria-label": `Find a value of ${f.word}`, input: show });
  const box = el("div", { class: "popover", role: "dialog", "aria-label": f.word });
  if (values.length > 10) box.append(find);
  box.append(options);
  box.addEventListener("keydown", event => {
    const all = [...box.querySelectorAll("input")], at = all.indexOf(document.activeElement);
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) { event.preventDefault(); all[Math.max(0, Math.min(all.length - 1, at + step))]?.focus(); }
  });
  show();
  button.setAttribute("aria-expanded", "true");
  document.body.append(box);
  const place = button.getBoundingClientRect();
  box.style.top = `${place.bottom + 4 + scrollY}px`;
  box.style.left = `${Math.max(8, Math.min(place.left, innerWidth - box.offsetWidth - 8)) + scrollX}px`;
  openChip = { button, box, name: f.name };
  box.querySelector("input")?.focus();
}

const rankOf = (f, v) => f.name === "state" ? stateRank[states.indexOf(v)] : f.name === "severity" ? -severities.indexOf(v) : 0;

function option(f, o, chosen) {
  const tick = el("input", { type: "checkbox", checked: chosen.has(o.v), change: event => {
    event.target.checked ? chosen.add(o.v) : chosen.delete(o.v);
    list.set(f.name, [...chosen]);
  } });
  const word = f.name === "state" ? stateLabel(states.indexOf(o.v)) : f.name === "severity" ? severityLabel(severities.indexOf(o.v)) : el("span", { class: "say", title: o.v }, o.say);
  return el("label", null, tick, word, el("span", { class: "n" }, number(o.n)));
}

function closeFacet() {
  if (!openChip) return false;
  const back = openChip.box.contains(document.activeElement);
  openChip.box.remove();
  const button = document.querySelector(`.chip[data-facet="${openChip.name}"]`); // may have been drawn anew
  button?.setAttribute("aria-expanded", "false");
  if (back) button?.focus();
  openChip = null;
  return true;
}

document.addEventListener("pointerdown", event => {
  if (openChip && !openChip.box.contains(event.target) && !event.target.closest(".chip")) closeFacet();
});

