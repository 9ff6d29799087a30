// Completion from the ontology, our prefixes and the names of things, all of them asked of the API:
// /ontology once, /entities for what is being typed.
import { say } from "../texts.js";
import { made } from "./dom.js";

const MOST = 40;
let asked;

async function json(path) {
  const answer = await fetch(path, { headers: { Accept: "application/json" } });
  if (!answer.ok) throw new Error(path);
  return answer.json();
}

function terms() {
  asked ??= json("/ontology?limit=10000&format=json").catch(() => {
    asked = undefined; // asked again the next time
    return { rows: [], prefixes: {} };
  });
  return asked;
}

async function things(words, kind) {
  const given = new URLSearchParams({ q: words, limit: "12", format: "json" });
  if (kind) given.set("kind", kind);
  return (await json(`/entities?${given}`).catch(() => ({ rows: [] }))).rows;
}

const hint = (text, name, about) => ({ text, render: (box) => {
  box.parentElement.setAttribute("aria-label", say("workbench.script.completions"));
  box.append(made("code", {}, text), made("span", { className: "about" }, [name, about].filter(Boolean).join(": ").slice(0, 110)));
} });

// A name with the prefix of its kind where SPARQL can write it so, the IRI elsewhere.
function written(row, prefixes) {
  const found = Object.entries(prefixes).filter(([, begins]) => row.iri.startsWith(begins))
    .sort((a, b) => b[1].length - a[1].length)[0];
  const local = found && row.iri.slice(found[1].length);
  return found && /^[\w](?:[\w-]*\w)?$/.test(local) ? `${found[0]}:${local}` : `<${row.iri}>`;
}

// After "a" classes come first, elsewhere properties.
function ranked(rows, before) {
  const first = /\ba\s+$/.test(before) ? "class" : "property";
  return [...rows].sort((x, y) => (y.kind === first) - (x.kind === first));
}

async function prefixed(prefix, local, before) {
  const { rows, prefixes } = await terms();
  const typed = local.toLowerCase();
  const fitting = ranked(rows, before).filter((row) => row.name.startsWith(`${prefix}:`)
    && (row.name.slice(prefix.length + 1).toLowerCase().includes(typed) || row.label.toLowerCase().includes(typed)));
  const found = fitting.map((row) => hint(row.name, row.label, row.definition));
  const kind = /\/id\/([a-z-]+)\/$/.exec(prefixes[prefix] ?? "")?.[1];
  if (!kind || !typed) return found;
  return [...(await things(local.replaceAll("-", " "), kind)).map((row) => hint(written(row, prefixes), row.label)), ...found];
}

async function named(word, before) {
  const { rows, prefixes } = await terms();
  const typed = word.toLowerCase();
  const names = Object.keys(prefixes).filter((prefix) => prefix.startsWith(typed));
  const fitting = ranked(rows, before).filter((row) =>
    row.name.split(":")[1]?.toLowerCase().startsWith(typed) || row.label.toLowerCase().startsWith(typed));
  return [
    ...names.map((prefix) => hint(`${prefix}:`, prefixes[prefix])),
    ...fitting.slice(0, MOST).map((row) => hint(row.name, row.label, row.definition)),
    ...(await things(word)).map((row) => hint(written(row, prefixes), row.label, row.kind.replaceAll("-", " "))),
  ];
}

function variables(editor, typed) {
  const found = new Set(editor.getValue().match(/[?$]\w+/g));
  found.delete(typed);
  return [...found].filter((name) => name.startsWith(typed)).sort().map((text) => hint(text));
}

export async function hints(editor) {
  const cursor = editor.getCursor();
  const line = editor.getLine(cursor.line).slice(0, cursor.ch);
  const [typed] = /(?:[?$]\w*|(?:[A-Za-z][\w-]*)?:[\w.-]*|[\p{L}\p{M}\w-]*)$/u.exec(line);
  const before = line.slice(0, line.length - typed.length);
  const [prefix, local] = typed.split(":");
  let list = [];
  if (/^[?$]/.test(typed)) list = variables(editor, typed);
  else if (local !== undefined) list = await prefixed(prefix, local, before);
  else if (typed.length > 1) list = await named(typed, before);
  else list = Object.keys((await terms()).prefixes).map((name) => hint(`${name}:`, ""));
  const once = [...new Map(list.map((item) => [item.text, item])).values()].slice(0, MOST);
  return { list: once, from: { line: cursor.line, ch: before.length }, to: cursor };
}
