// The workbench: open queries as tabs, the editor, and answers as table, chart or graph, with their
// sources and downloads. Loaded on /workbench only; the chart and the graph when they are asked for.
import "./workbench/workbench.css";
import { ask, downloadLink, isGraph } from "./workbench/answer.js";
import { arrows, made } from "./workbench/dom.js";
import { goTo, mark, open, unmark } from "./workbench/editor.js";
import { left, table } from "./workbench/table.js";
import { address, isTooLong, start, Tabs } from "./workbench/tabs.js";
import { say } from "./texts.js";

const one = (id) => document.querySelector(`#${id}`);
const [page, plain, state, banner, results, drawn, views, downloads, sources] =
  ["workbench", "query", "state", "banner", "results", "drawn", "views", "downloads", "sources"].map(one);
const LONGEST_CITED = 16_000; // the service cites no longer address
const VIEWS = ["table", "chart", "graph"];
const FORMATS = {
  rows: ["csv", "tsv", "json", "xml"],
  sourced: ["csv", "tsv", "json", "turtle"],
  triples: ["turtle", "jsonld", "ntriples"],
};

const here = new URLSearchParams(location.search);
const given = page.dataset.given && {
  query: plain.value, view: page.dataset.view, sources: sources.checked ? "true" : "",
  chart: here.get("chart") ?? "", graph: here.get("graph") ?? "",
};
const editor = open(plain, () => run());
const tabs = new Tabs(start(given, JSON.parse(one("examples").textContent)), show);
let running = null;
let showing = false;

// Put the tab in front into the editor; what the editor says of that change is no typing.
function show() {
  running?.abort();
  showing = true;
  editor.setValue(tabs.tab.query);
  showing = false;
  sources.checked = tabs.tab.sources === "true";
  present(tabs.tab.answer);
  tabs.keep({});
}

function notice(...children) {
  return made("div", { className: "notice" }, ...children);
}

function refused({ title, detail, hint, status, line, column }) {
  const box = notice(made("p", {}, made("strong", {}, status === 504 ? say("workbench.script.deadline") : title),
    ` ${detail ?? ""}`), hint ? made("p", {}, hint) : null);
  box.classList.add("problem");
  if (line && line <= editor.lineCount()) {
    mark(editor, line, detail ?? title);
    const jump = made("button", { type: "button" }, say("workbench.script.line", { line }));
    jump.addEventListener("click", () => goTo(editor, line, column));
    box.append(jump);
  }
  return box;
}

function said(answer) {
  if ("boolean" in answer) return say("workbench.script.boolean", answer);
  const values = { n: answer.rows.length, seconds: answer.seconds };
  return answer.graph ? say("workbench.script.triples", values) : say("workbench.script.rows", values);
}

// What a reader must know before trusting the rows.
function cautions(answer) {
  const found = [];
  if (answer.cut) found.push(say("workbench.script.cut"));
  if (left(answer)) found.push(say("workbench.script.shown", { n: left(answer), all: answer.rows.length }));
  if (answer.undated) found.push(say("workbench.script.undated", { n: answer.undated }));
  if (answer.untraceable?.length) {
    found.push(say("workbench.script.untraced", { what: answer.untraceable.map((u) => `${u.feature} (${u.why})`).join("; ") }));
  }
  if (answer.graph && sources.checked) found.push(say("workbench.script.graph-sources"));
  if (answer.note) found.push(answer.note);
  return found.map((text) => notice(text));
}

function offer(answer) {
  const { query } = tabs.tab;
  const formats = answer.graph ? FORMATS.triples : answer.sources ? FORMATS.sourced : FORMATS.rows;
  const { permalink } = answer;
  const lasting = permalink ? [" · ", made("a", { href: permalink }, say("workbench.script.permanent")),
    ...(permalink.length < LONGEST_CITED ? [" · ", made("a", { href: `/cite?${new URLSearchParams({ url: permalink })}` }, say("workbench.script.cite"))] : []),
  ] : [" · ", say("workbench.script.passing")];
  if (isTooLong(query)) return void downloads.replaceChildren(say("workbench.script.too-long"));
  const links = formats.flatMap((format, n) => [n ? ", " : " ",
    made("a", { href: downloadLink(query, Boolean(answer.sources), format), download: `answer.${format}` }, say("workbench.script.formats." + format))]);
  downloads.replaceChildren(say("workbench.script.download"), ...links, ...lasting);
}

function choices(view) {
  const list = made("div", { role: "tablist", label: say("workbench.script.view") }, ...VIEWS.map((name) => {
    const button = made("button", { type: "button", id: `view-${name}`, role: "tab", tabIndex: name === view ? 0 : -1 },
      say("workbench.script.views." + name));
    button.setAttribute("aria-selected", String(name === view));
    button.setAttribute("aria-controls", name === "table" ? "results" : "drawn");
    button.addEventListener("click", () => choose(name));
    return button;
  }));
  arrows(list, (n) => choose(VIEWS[n]));
  views.replaceChildren(list);
}

function choose(view) {
  tabs.keep({ view });
  for (const button of views.querySelectorAll("[role=tab]")) {
    const chosen = button.id === `view-${view}`;
    button.setAttribute("aria-selected", String(chosen));
    button.tabIndex = chosen ? 0 : -1;
  }
  draw(tabs.tab.answer, view);
}

async function draw(answer, view) {
  drawn.hidden = view === "table";
  drawn.replaceChildren();
  if (view === "table") return;
  const { draw: into } = view === "chart" ? await import("./workbench/chart.js") : await import("./workbench/graph.js");
  if (answer !== tabs.tab.answer || tabs.tab.view !== view) return; // meanwhile something else is shown
  into(drawn, answer, tabs.tab[view], (chosen) => {
    tabs.keep({ [view]: chosen });
    draw(answer, view);
  });
}

function present(answer) {
  unmark(editor);
  banner.replaceChildren();
  results.replaceChildren();
  drawn.replaceChildren();
  for (const part of [views, drawn, results, downloads]) part.hidden = true;
  state.textContent = "";
  if (!answer) return;
  const wrong = answer.problem ? refused(answer.problem) : answer.gone ? notice(say("workbench.script.gone"))
    : answer.broken ? notice(say("workbench.script.broken")) : null;
  if (wrong) return void banner.replaceChildren(wrong);
  if (answer.stopped) return void (state.textContent = say("workbench.script.stopped"));
  state.textContent = said(answer);
  banner.replaceChildren(...cautions(answer));
  offer(answer);
  downloads.hidden = false;
  if ("boolean" in answer) {
    results.hidden = false;
    results.replaceChildren(made("p", { className: "lead" }, answer.boolean ? say("workbench.script.yes") : say("workbench.script.no")));
    return;
  }
  if (!answer.rows.length) {
    results.hidden = false;
    results.replaceChildren(made("p", {}, say("workbench.script.empty")));
    return;
  }
  results.replaceChildren(table(answer));
  results.hidden = false;
  views.hidden = false;
  const view = VIEWS.includes(tabs.tab.view) ? tabs.tab.view : "table";
  choices(view);
  draw(answer, view);
}

async function run() {
  running?.abort();
  const controller = running = new AbortController();
  const { tab } = tabs;
  tabs.keep({ query: editor.getValue(), sources: sources.checked ? "true" : "" });
  present(null);
  state.textContent = say("workbench.script.running");
  one("stop").hidden = false;
  results.setAttribute("aria-busy", "true");
  tab.answer = await ask(tab.query, sources.checked && !isGraph(tab.query), controller.signal);
  if (controller !== running) return;
  running = null;
  one("stop").hidden = true;
  results.removeAttribute("aria-busy");
  if (tab === tabs.tab) present(tab.answer);
}

editor.on("change", () => {
  unmark(editor);
  if (!showing) tabs.keepSoon({ query: editor.getValue() });
});
addEventListener("pagehide", () => tabs.store());
// The days of the header are chosen for the query as it stands now, not as it came.
document.querySelector("form.moment")?.addEventListener("submit", (event) => {
  for (const field of event.target.querySelectorAll("input[type=hidden]")) field.remove();
  const { searchParams } = new URL(address(tabs.tab), location.href);
  for (const [name, value] of searchParams) {
    if (!event.target.elements[name]) event.target.append(made("input", { type: "hidden", name, value }));
  }
});
sources.addEventListener("change", () => {
  tabs.keep({ sources: sources.checked ? "true" : "" });
  if (tabs.tab.answer) run();
});
one("run").hidden = false;
one("run").addEventListener("click", run);
one("stop").addEventListener("click", () => running?.abort());
one("plain-download").hidden = true;
show();
if (given) run();
page.dataset.ready = "yes";
