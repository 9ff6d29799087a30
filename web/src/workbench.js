// The SPARQL editor, its results as a table, downloads and a permalink. Loaded on /workbench only.
import Yasqe from "@zazuko/yasqe";
import "@zazuko/yasqe/build/yasqe.min.css";
import "./editor.css";

const page = document.querySelector("#workbench");
const plain = document.querySelector("#query");
const state = document.querySelector("#state");
const results = document.querySelector("#results");
const form = document.querySelector("#workbench-form");

Yasqe.defaults.autocompleters = []; // its own ask hosts outside
const host = document.createElement("div");
host.id = "editor";
plain.before(host);
const editor = new Yasqe(host, {
  value: plain.value,
  persistenceId: null,
  showQueryButton: false,
  createShareableLink: null,
  consumeShareLink: null, // "query" in our URLs names a canned query
  resizeable: true,
  lineWrapping: true,
});
const input = editor.getInputField();
input.setAttribute("aria-label", plain.labels[0].textContent);
const scroller = editor.getScrollerElement();
scroller.tabIndex = 0;
scroller.setAttribute("role", "region");
scroller.setAttribute("aria-label", `${plain.labels[0].textContent}, scrolling`);
plain.hidden = true;
plain.labels[0].hidden = true;
editor.setSize(null, "24rem");
// Tab leaves the editor: nobody may be caught in it.
editor.setOption("extraKeys", { ...editor.getOption("extraKeys"), Tab: false, "Shift-Tab": false, "Ctrl-Enter": run, "Cmd-Enter": run });

const hints = { n: "uri", b: "bnode", l: "literal" };

function cell(value) {
  const box = document.createElement("td");
  if (!value) return box;
  const path = value.type === hints.n && value.value.startsWith(page.dataset.base)
    ? `/id/${value.value.slice(page.dataset.base.length)}` : null;
  if (path) {
    const link = document.createElement("a");
    link.href = path;
    link.textContent = value.value.slice(page.dataset.base.length);
    box.append(link);
  } else {
    box.textContent = value.value;
    if (value["xml:lang"]) box.lang = value["xml:lang"];
  }
  return box;
}

function table(head, bindings) {
  const made = document.createElement("table");
  const caption = made.createCaption();
  caption.textContent = `${bindings.length} ${bindings.length === 1 ? "row" : "rows"}`;
  const row = made.createTHead().insertRow();
  for (const name of head) {
    const th = document.createElement("th");
    th.scope = "col";
    th.textContent = name;
    row.append(th);
  }
  const body = made.createTBody();
  for (const binding of bindings) body.insertRow().append(...head.map((name) => cell(binding[name])));
  return made;
}

function block(text) {
  const made = document.createElement("pre");
  made.tabIndex = 0;
  made.textContent = text;
  return made;
}

async function problem(answer) {
  try {
    const told = await answer.json();
    return `${told.title}: ${told.detail} ${told.hint ?? ""}`;
  } catch {
    return `${answer.status} ${answer.statusText}`;
  }
}

async function run() {
  const query = editor.getValue();
  plain.value = query;
  history.replaceState(null, "", `/workbench?${new URLSearchParams({ sparql: query })}`);
  state.textContent = page.dataset.running;
  results.replaceChildren();
  const began = performance.now();
  let answer;
  try {
    answer = await fetch("/sparql", {
      method: "POST",
      headers: {
        "Content-Type": "application/sparql-query",
        Accept: "application/sparql-results+json, text/turtle;q=0.8",
      },
      body: query,
    });
  } catch {
    state.textContent = page.dataset.gone;
    return;
  }
  if (!answer.ok) {
    state.textContent = await problem(answer);
    return;
  }
  const cut = answer.headers.get("Mineralgraph-Truncated");
  const note = answer.headers.get("Mineralgraph-Note");
  if (answer.headers.get("Content-Type").includes("json")) {
    const found = await answer.json();
    if ("boolean" in found) results.append(block(String(found.boolean)));
    else results.append(table(found.head.vars, found.results.bindings));
  } else {
    results.append(block(await answer.text()));
  }
  const seconds = ((performance.now() - began) / 1000).toFixed(2);
  state.textContent = [
    `${page.dataset.done} ${seconds} s.`, cut ? `${page.dataset.cut} (${cut})` : "", note ?? "",
  ].join(" ");
}

form.addEventListener("submit", (event) => {
  plain.value = editor.getValue();
  if (event.submitter?.id === "run") {
    event.preventDefault();
    run();
  }
});
