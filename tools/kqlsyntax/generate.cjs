// Writes texts, valid and not, with the verdict of Microsoft's KQL parser on
// each: node generate.cjs [texts per seed] [random seed] > microsoft.jsonl
//
// The texts are the lines of seeds.kql and mutations of them: a token dropped,
// doubled, swapped with the next, replaced by or preceded by one from the pool,
// a word replaced by another word, a character dropped, doubled or replaced.
// The same arguments give the same texts.
const fs = require("fs");
const path = require("path");
require("@kusto/language-service-next/bridge.min.js");
require("@kusto/language-service-next/Kusto.Language.Bridge.min.js");

const perSeed = Number(process.argv[2] ?? 24);
let state = Number(process.argv[3] ?? 1);

// random is mulberry32: small, and the same on every machine.
function random(below) {
  state = (state + 0x6d2b79f5) | 0;
  let t = Math.imul(state ^ (state >>> 15), state | 1);
  t = (t + Math.imul(t ^ (t >>> 7), t | 61)) ^ t;
  return ((t ^ (t >>> 14)) >>> 0) % below;
}

// pieces cuts a text into tokens, white space kept with what follows it.
const pieces = (text) =>
  text.match(/\s*(?:[@hH]?"(?:[^"\\]|\\.)*"|[@hH]?'(?:[^'\\]|\\.)*'|[\w$]+(?:[-.~](?=\w)\w+)*~?|![\w]+~?|[=!<>]=|[=!]~|\.\.|.)/gs) ?? [];

const seeds = fs.readFileSync(path.join(__dirname, "seeds.kql"), "utf8").split("\n").filter((line) => line.trim() !== "");
const pool = [...new Set(seeds.flatMap(pieces).map((piece) => piece.trim()))].filter((piece) => piece !== "").sort();
const characters = [...new Set(seeds.join(""))].sort();
const words = pool.filter((piece) => /^\w/.test(piece));
const from = (list) => " " + list[random(list.length)];

function mutate(text) {
  if (random(8) === 0) return mutateCharacter(text);
  const all = pieces(text);
  const at = random(all.length);
  switch (random(6)) {
    case 0: all.splice(at, 1); break;
    case 1: all.splice(at, 0, all[at]); break;
    case 2: all.splice(at, 2, ...all.slice(at, at + 2).reverse()); break;
    case 3: all.splice(at, 1, from(pool)); break;
    case 4: all.splice(at, 0, from(pool)); break;
    default: replaceWord(all);
  }
  return all.join("");
}

function mutateCharacter(text) {
  const at = random(text.length);
  const character = [text[at] + text[at], "", characters[random(characters.length)]][random(3)];
  return text.slice(0, at) + character + text.slice(at + 1);
}

function replaceWord(all) {
  const places = all.flatMap((piece, i) => (/^\s*\w/.test(piece) ? [i] : []));
  if (places.length > 0) all[places[random(places.length)]] = from(words);
}

function verdict(text) {
  const errors = list(Kusto.Language.KustoCode.Parse(text).GetSyntaxDiagnostics());
  return errors.length === 0 ? { text, ok: true } : { text, ok: false, at: errors[0].Start, message: errors[0].Message };
}

function list(found) {
  const all = [];
  const each = Bridge.getEnumerator(found, Kusto.Language.Diagnostic);
  while (each.moveNext()) all.push(each.Current);
  return all;
}

const seen = new Set();
for (const seed of seeds) {
  const texts = [seed];
  for (let i = 0; i < perSeed; i++) texts.push(mutate(i % 4 === 3 ? texts[texts.length - 1] : seed));
  for (const text of texts) {
    if (seen.has(text) || text === "") continue;
    seen.add(text);
    process.stdout.write(JSON.stringify(verdict(text)) + "\n");
  }
}
