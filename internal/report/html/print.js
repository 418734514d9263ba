// Paper has no scroll bar and no click: what asks for something is opened, and
// the list of checks is written out as far as anybody would read it.
const mostPrinted = 500;
let opened = [];

addEventListener("beforeprint", () => {
  opened = [...document.querySelectorAll("details[data-open-in-print]:not([open])")];
  for (const d of opened) { d.open = true; if (d.matches(".rule")) fillRule(d); }
  const rows = [...view.rows.slice(0, mostPrinted)];
  byId("list-print").replaceChildren(
    el("p", null, rows.length < view.rows.length ? `The first ${number(rows.length)} of ${counted(view.rows.length, "check")}; csv and jsonl have all.` : counted(rows.length, "check")),
    el("table", null, el("thead", null, el("tr", null, ...columns.map(c => el("th", null, c.word)))),
      el("tbody", null, ...rows.map(row => el("tr", null, ...columns.map(c => el("td", null, c.cell(row))))))));
});

addEventListener("afterprint", () => {
  for (const d of opened) d.open = false;
  byId("list-print").replaceChildren();
});

byId("print").addEventListener("click", () => print());

