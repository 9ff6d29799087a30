// The open queries. The one in front stands in the address, which is its permalink; the others are
// kept in sessionStorage, so that a click on a result and back loses none, and go with the window.
import { say } from "../texts.js";
import { arrows, made } from "./dom.js";

const KEY = "mineralgraph.workbench";
const SHOWN = ["view", "sources", "chart", "graph"]; // parameters of the address beside the query
const LONGEST = 20_000; // the service takes no longer query from an address

export const isTooLong = (query) => query.length > LONGEST;

export function titleOf(query, n) {
  return /^#\s*(?:title:)?\s*(\S.*)$/m.exec(query)?.[1].slice(0, 40) ?? say("workbench.script.untitled", { n });
}

function kept() {
  try {
    const found = JSON.parse(sessionStorage.getItem(KEY) ?? "[]");
    return Array.isArray(found) ? found.filter((tab) => typeof tab.query === "string") : [];
  } catch {
    return [];
  }
}

export function address(tab) {
  const parameters = new URLSearchParams(isTooLong(tab.query) ? {} : { sparql: tab.query });
  for (const name of SHOWN) if (tab[name] && tab[name] !== "table") parameters.set(name, tab[name]);
  for (const [name, value] of new URLSearchParams(location.search)) {
    if (["as-of", "as-of-basis", "valid-on"].includes(name) && value) parameters.set(name, value);
  }
  return `/workbench?${parameters}`;
}

// given: the query of the address, if it has one; examples: what to begin with otherwise.
export function start(given, examples) {
  const tabs = kept();
  if (!given) {
    if (!tabs.length) tabs.push(...examples.map(({ sparql, view }) => ({ query: sparql, view })));
    return { tabs, at: 0 };
  }
  const same = tabs.findIndex((tab) => tab.query === given.query);
  if (same < 0) return { tabs: [...tabs, given], at: tabs.length };
  tabs[same] = given;
  return { tabs, at: same };
}

export class Tabs {
  constructor({ tabs, at }, changed) {
    this.tabs = tabs;
    this.at = at;
    this.changed = changed;
    this.list = document.querySelector("#tablist");
    this.panel = document.querySelector("#panel");
    this.panel.setAttribute("role", "tabpanel");
    arrows(this.list, (n) => this.go(n));
    this.list.addEventListener("keydown", (event) => event.key === "Delete" && this.close());
    document.querySelector("#new-tab").addEventListener("click", () => this.open({ query: "", view: "table" }));
    document.querySelector("#close-tab").addEventListener("click", () => this.close());
    document.querySelector("#tabs").hidden = false;
    this.draw();
  }

  get tab() {
    return this.tabs[this.at];
  }

  go(n) {
    this.at = n;
    this.draw();
    this.changed();
  }

  open(tab) {
    this.tabs.push(tab);
    this.go(this.tabs.length - 1);
  }

  close() {
    this.tabs.splice(this.at, 1);
    if (!this.tabs.length) this.tabs.push({ query: "", view: "table" });
    this.go(Math.min(this.at, this.tabs.length - 1));
    this.list.children[this.at].focus();
  }

  // Take what somebody has typed or chosen into the tab in front.
  keep(changes) {
    Object.assign(this.tab, changes);
    const title = titleOf(this.tab.query, this.at + 1);
    if (this.list.children[this.at].textContent !== title) this.list.children[this.at].textContent = title;
    this.write();
  }

  // The same for each letter, written down when there is a pause: a browser takes only so many addresses.
  keepSoon(changes) {
    Object.assign(this.tab, changes);
    clearTimeout(this.waiting);
    this.waiting = setTimeout(() => this.keep({}), 300);
  }

  write() {
    clearTimeout(this.waiting);
    history.replaceState(null, "", address(this.tab));
    const link = document.querySelector("#permalink");
    link.href = address(this.tab);
    link.hidden = isTooLong(this.tab.query);
    document.querySelector("#too-long").hidden = !link.hidden;
    this.store();
  }

  store() {
    const stored = this.tabs.map(({ query, view, sources, chart, graph }) => ({ query, view, sources, chart, graph }));
    try {
      sessionStorage.setItem(KEY, JSON.stringify(stored));
    } catch {
      // Not allowed or full: the tabs last as long as the page.
    }
  }

  draw() {
    this.list.replaceChildren(...this.tabs.map((tab, n) => {
      const button = made("button", { type: "button", id: `tab-${n}`, role: "tab", tabIndex: n === this.at ? 0 : -1 },
        titleOf(tab.query, n + 1));
      button.setAttribute("aria-selected", String(n === this.at));
      button.setAttribute("aria-controls", "panel");
      button.addEventListener("click", () => this.go(n));
      return button;
    }));
    this.panel.setAttribute("aria-labelledby", `tab-${this.at}`);
  }
}
