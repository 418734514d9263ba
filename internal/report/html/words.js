// The words of the domain, as the markup of the page has them too, and what
// makes elements. Text of the estate becomes text only, never markup.
const states = ["", "unhealthy", "unknown", "healthy", "manual", "exempt", "notApplicable"];
const stateWords = ["", "Unhealthy", "Unknown", "Healthy", "Manual", "Exempt", "Not applicable"];
const stateRank = [9, 0, 1, 3, 2, 4, 5]; // worst first, by state
const severities = ["notRated", "low", "medium", "high", "critical"];
const severityWords = ["Not rated", "Low", "Medium", "High", "Critical"];
const reasons = ["", "denied", "throttled", "error", "partial", "notCollected", "stale", "notEvaluable"];
const reasonWords = ["", "the reader lacked the right", "the provider refused for the time being", "the rule or the read ended in an error",
  "the resource was read in part only", "what the rule needs was not read", "the last complete read is too old", "the rule needs what configuration cannot tell"];
const clouds = ["", "azure", "aws", "gcp", "machine"];
const cloudWords = ["", "Az", "AWS", "GCP", "On-prem"];
const cloudNames = ["None", "Azure", "AWS", "Google Cloud", "Machines"];

const byId = id => document.getElementById(id);
const number = n => n.toLocaleString("en-US");
const counted = (n, noun) => `${number(n)} ${noun}${n === 1 ? "" : "s"}`;

// el makes an element: attributes by name, functions as listeners.
function el(tag, attributes, ...children) {
  const e = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes || {})) {
    if (typeof value === "function") e.addEventListener(name, value);
    else if (value !== false && value != null) e.setAttribute(name, value === true ? "" : value);
  }
  e.append(...children.filter(c => c != null && c !== ""));
  return e;
}

function mark(name) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  const use = document.createElementNS("http://www.w3.org/2000/svg", "use");
  svg.setAttribute("class", "mark");
  svg.setAttribute("aria-hidden", "true");
  use.setAttribute("href", "#m-" + name);
  svg.append(use);
  return svg;
}

const stateLabel = s => el("span", { class: "label " + states[s] }, mark(states[s]), stateWords[s]);
const severityLabel = s => el("span", { class: "label " + severities[s] }, mark(severities[s]), severityWords[s]);

// The address holds the page's state: #view?name=a,b&name=c. A comma inside a
// value is escaped twice over, because one separates values.
function readAddress() {
  const text = location.hash.slice(1), at = text.indexOf("?");
  const address = { view: decode(at < 0 ? text : text.slice(0, at)), filters: new Map() };
  if (at < 0) return address;
  for (const pair of text.slice(at + 1).split("&")) {
    const [name, value = ""] = pair.split("=");
    if (name) address.filters.set(decode(name), value.split(",").map(decode));
  }
  return address;
}

function addressOf(view, filters) {
  const query = [...filters].filter(([, values]) => values.length && values[0] !== "")
    .map(([name, values]) => name + "=" + values.map(encodeURIComponent).join(",")).join("&");
  return "#" + view + (query ? "?" + query : "");
}

function decode(text) {
  try { return decodeURIComponent(text); } catch { return text; }
}

async function copy(text, button) {
  try {
    await navigator.clipboard.writeText(text);
    button.title = "Copied";
    button.classList.add("done");
    setTimeout(() => button.classList.remove("done"), 1200);
  } catch {
    button.title = "The browser does not let this page copy; select the text";
  }
}

