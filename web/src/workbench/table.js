// An answer as a table; with sources, each row opens to the claims that it rests on.
import { say } from "../texts.js";
import { day, kindOf, number } from "./columns.js";
import { made } from "./dom.js";

const MOST = 1000; // rows that a page can hold without becoming slow
const { base } = document.querySelector("#workbench").dataset;

// [what a cell shows, where its page is]
export function shown(value) {
  if (!value) return ["", null];
  if (value.type === "bnode") return [`_:${value.value}`, null];
  if (value.type !== "uri") return [value.value, null];
  if (!value.value.startsWith(base)) return [short(value.value), null];
  const path = value.value.slice(base.length);
  return [path, `/id/${path}`];
}

const prefixes = [...document.querySelectorAll("dl.prefixes > div")].map((row) =>
  [row.querySelector("dt").textContent, row.querySelector("dd").textContent])
  .sort((a, b) => b[1].length - a[1].length);

export function short(iri) {
  const found = prefixes.find(([, begins]) => iri.startsWith(begins) && /^[\w.-]+$/.test(iri.slice(begins.length)));
  return found ? found[0] + iri.slice(found[1].length) : iri;
}

function cell(value) {
  const [text, page] = shown(value);
  const box = made("td", { className: day(value) ? "date" : Number.isNaN(number(value)) ? "" : "number" });
  if (value?.["xml:lang"]) box.lang = value["xml:lang"];
  box.append(page ? made("a", { href: page }, text) : text);
  return box;
}

function claim(iri, about) {
  const slug = iri.slice(`${base}claim/`.length);
  const spans = about.spans.map((s) => say("workbench.script.span", s)).join(", ") || say("workbench.script.no-span");
  const article = about.article?.slice(base.length);
  const url = /^https?:\/\//.test(about.url ?? "") ? about.url : null;
  return made("li", {},
    made("a", { href: `/claims/${slug}` }, about.gist ?? slug), " ",
    about.current ? null : made("strong", { className: "tag" }, say("workbench.script.apart")),
    made("span", { className: "source" },
      article ? made("a", { href: `/id/${article}` }, `${say("workbench.script.article")} ${article.split("/")[1]}`) : "",
      url ? " (" : "", url ? made("a", { href: url, rel: "external nofollow" }, say("workbench.script.original")) : "",
      url ? ")" : "", `, ${spans}`));
}

function sources(entries, claims) {
  const named = [...new Set(entries.flat())];
  const of = named.filter((iri) => claims[iri]);
  const list = made("ul", { className: "claims" },
    ...of.map((iri) => claim(iri, claims[iri])),
    ...named.filter((iri) => !claims[iri]).map((iri) => made("li", {},
      made("a", { href: `/data?${new URLSearchParams({ graph: iri })}` },
        say("workbench.script.reference", { name: iri.split("/").pop() })))));
  const summary = of.length ? say("workbench.script.claims", { n: of.length })
    : named.length ? say("workbench.script.reference", { name: named[0].split("/").pop() }) : "";
  return made("td", {}, summary ? made("details", {}, made("summary", {}, summary), list) : "");
}

export function table(answer) {
  const heads = answer.columns.map((name) =>
    made("th", { scope: "col", className: kindOf(answer.rows, name) === "number" ? "number" : "" }, name));
  if (answer.sources) heads.push(made("th", { scope: "col" }, say("workbench.script.sources")));
  const body = made("tbody", {}, ...answer.rows.slice(0, MOST).map((row, n) =>
    made("tr", {}, ...answer.columns.map((name) => cell(row[name])),
      answer.sources ? sources(answer.sources[n], answer.claims) : null)));
  return made("table", {},
    made("caption", {}, answer.graph ? say("workbench.script.caption-triples", { n: answer.rows.length }) : say("workbench.script.caption-rows", { n: answer.rows.length })),
    made("thead", {}, made("tr", {}, ...heads)),
    body);
}

export const left = (answer) => (answer.rows.length > MOST ? MOST : 0);
