// The workbench: completion, tabs, views, sources, downloads, and what goes wrong.
import { readFileSync } from "node:fs";

const text = (page, selector) => page.locator(selector).first().textContent();
const at = (sparql, more = {}) => `/workbench?${new URLSearchParams({ sparql, ...more })}`;
const ready = (page) => page.locator("#workbench[data-ready]").waitFor({ state: "attached" });

async function type(page, words) {
  await page.locator(".CodeMirror-lines").first().click();
  await page.keyboard.press("Control+A");
  await page.keyboard.type(words);
}

async function answered(page, url, answer) {
  await page.route(url, (route) => route.fulfill(answer));
}

async function saved(page, name) {
  const waiting = page.waitForEvent("download");
  await page.locator("#downloads a", { hasText: new RegExp(`^${name}$`) }).click();
  const download = await waiting;
  return [download.suggestedFilename(), readFileSync(await download.path(), "utf8")];
}

export const workbench = {
  workbench: {
    path: "/workbench?query=did-attend&event=strelsau-congress&participant=person/rassendyll",
    async play(page, ensure) {
      const loaded = await page.evaluate(() => performance.getEntriesByType("resource").map((r) => r.name).join(" "));
      ensure(loaded.includes("workbench.js") && !/cytoscape|chart/.test(loaded), "chart and graph load when they are asked for");
      await page.locator("#results table").waitFor();
      ensure((await text(page, "#state")).includes("Complete answer"), "it says that the answer is complete");
      const rows = await page.locator("#results tbody tr").count();
      ensure(page.url().includes("sparql="), "the query is in the URL");
      await page.goto(page.url());
      await page.locator("#results table").waitFor();
      ensure(await page.locator("#results tbody tr").count() === rows, "the address is a permalink");
      ensure(await page.locator("[role=tab][aria-controls=panel]").count() === 1, "the same query is opened once");
      ensure(await page.evaluate(() => localStorage.length) === 0, "nothing is kept beyond the window");
    },
  },
  completion: {
    path: "/workbench",
    async play(page, ensure) {
      await ready(page);
      const hints = page.locator(".CodeMirror-hints li");
      await type(page, "SELECT * { ?x a mg:partic");
      await page.keyboard.press("Control+Space");
      await hints.first().waitFor();
      ensure((await hints.first().textContent()).startsWith("mg:Participation"), "after a, a class comes first");
      await page.keyboard.press("Enter");
      ensure((await page.evaluate(() => document.querySelector(".CodeMirror").CodeMirror.getValue())).endsWith("a mg:Participation"),
        "Enter takes it");
      await page.keyboard.type(" ; mg:inEv");
      await page.keyboard.press("Control+Space");
      await hints.first().waitFor();
      ensure((await hints.first().textContent()).startsWith("mg:inEvent"), "a property is completed");
      await page.keyboard.press("Enter");
      await page.keyboard.type(" ?e . ?p mg:participant Флав");
      await page.keyboard.press("Control+Space");
      await hints.first().waitFor();
      ensure((await hints.first().textContent()).includes("person:flavia"), "a thing is found by its name, in any script");
      await page.keyboard.press("Enter");
      await page.keyboard.type(" . } #");
      await page.keyboard.press("Enter");
      await page.keyboard.type("pers");
      await page.keyboard.press("Control+Space");
      await hints.first().waitFor();
      ensure((await hints.first().textContent()).startsWith("person:"), "a prefix is completed");
      await page.keyboard.press("Escape");
      for (let n = 0; n < 4; n += 1) await page.keyboard.press("Backspace");
      await page.keyboard.press("Control+Enter");
      await page.locator("#results table, #results p").first().waitFor();
      ensure(!(await page.locator("#banner .problem").count()), "what was completed runs");
      await page.locator(".CodeMirror-lines").first().click();
      await page.keyboard.press("Control+End");
      await page.keyboard.type("pers");
      await page.keyboard.press("Control+Space");
      await hints.first().waitFor(); // left open, for axe to see
    },
  },
  tabs: {
    path: "/workbench",
    async play(page, ensure, base) {
      await ready(page);
      const tabs = page.locator("#tablist [role=tab]");
      ensure(await tabs.count() === 3, "the examples are tabs");
      await tabs.nth(0).focus();
      await page.keyboard.press("ArrowRight");
      ensure(await tabs.nth(1).getAttribute("aria-selected") === "true", "arrow keys move between tabs");
      await page.locator("#new-tab").click();
      await type(page, "# My own\nSELECT ?a { ?a a mg:Claim } LIMIT 2");
      await tabs.filter({ hasText: "My own" }).waitFor();
      ensure(await tabs.nth(3).textContent() === "My own", "a comment names a tab");
      await page.keyboard.press("Control+Enter");
      await page.locator("#results table").waitFor();
      await page.locator("#results a").first().click();
      await page.goBack();
      await page.locator("#results table").waitFor();
      ensure(await tabs.count() === 4, "tabs are there after a click and back");
      ensure(await tabs.nth(3).getAttribute("aria-selected") === "true", "and the one in front still is");
      await page.locator("select[name=query]").selectOption("did-attend");
      await page.locator("form.filters button").click();
      await page.locator("#results p").waitFor();
      ensure(await tabs.count() === 5, "a canned question opens in a tab of its own");
      await tabs.nth(4).focus();
      await page.keyboard.press("Delete");
      ensure(await tabs.count() === 4, "Delete closes a tab");
      const other = await page.context().newPage();
      await other.goto(`${base}/workbench`);
      await other.locator("#workbench[data-ready]").waitFor({ state: "attached" });
      ensure(await other.locator("#tablist [role=tab]").count() === 3, "another window begins anew");
      await other.close();
    },
  },
  chart: {
    path: "/workbench?query=claims-by-type-of-event",
    async play(page, ensure) {
      await page.locator("#drawn svg rect").first().waitFor();
      const rows = await page.locator("#results tbody tr").count();
      ensure(await page.locator("#drawn svg rect").count() === rows, "one bar for each row of the table");
      ensure((await page.locator("#drawn svg").getAttribute("aria-label")).includes("claims by label"), "it says what it shows");
      await page.locator("#drawn select").nth(2).selectOption("");
      await page.waitForFunction(() => location.search.includes("chart="));
      await page.goto(page.url());
      await page.locator("#drawn svg rect").first().waitFor();
      ensure(await page.locator("#drawn select").nth(2).inputValue() === "", "the choice is in the address");
      await page.goto(new URL(at("SELECT ?day (COUNT(*) AS ?n) { ?d mg:firstDay ?day } GROUP BY ?day ORDER BY ?day",
        { view: "chart" }), page.url()).href);
      await page.locator("#drawn svg polyline").waitFor({ state: "attached" });
    },
  },
  graph: {
    path: "/workbench?query=who-took-part",
    async play(page, ensure) {
      await page.locator(".drawing[data-ready]").waitFor();
      ensure(Number(await page.locator(".drawing").getAttribute("data-ready")) > 3, "things are drawn");
      ensure(await page.locator("#results tbody tr").count() > 3, "the table says the same");
      await page.locator("#view-graph").focus();
      await page.keyboard.press("Home");
      ensure(await page.locator("#drawn").isHidden(), "by keyboard, too, the table is a choice");
      await page.goto(new URL(at("SELECT ?x ?event { ?p mg:participant ?x ; mg:inEvent ?event }", { view: "graph" }), page.url()).href);
      await page.locator(".drawing[data-ready]").waitFor();
      await page.goto(new URL(at("SELECT (COUNT(*) AS ?n) { ?s ?p ?o }", { view: "graph" }), page.url()).href);
      await page.locator("#drawn p", { hasText: "nothing to draw" }).waitFor();
    },
  },
  downloads: {
    path: at("SELECT ?x { ?x a mg:Claim } ORDER BY ?x LIMIT 3"),
    async play(page, ensure) {
      await page.locator("#results table").waitFor();
      const [name, csv] = await saved(page, "CSV");
      ensure(name === "answer.csv" && csv.trim().split("\n").length === 4, "CSV has a head and three rows");
      ensure((await saved(page, "TSV"))[1].startsWith("?x"), "TSV");
      ensure(JSON.parse((await saved(page, "JSON"))[1]).results.bindings.length === 3, "JSON");
      ensure((await saved(page, "XML"))[1].includes("<sparql"), "XML");
      await page.goto(new URL(at("CONSTRUCT { ?x a mg:Claim } WHERE { ?x a mg:Claim } LIMIT 3"), page.url()).href);
      await page.locator("#results table").waitFor();
      ensure((await saved(page, "Turtle"))[1].includes("mg:Claim"), "Turtle of a CONSTRUCT");
      await page.goto(new URL(at("ASK { ?x a mg:Claim }"), page.url()).href);
      await page.locator("#results p", { hasText: "Yes" }).waitFor();
    },
  },
  sources: {
    path: at("SELECT ?who ?event { GRAPH ?claim { ?p mg:participant ?who ; mg:inEvent ?event } } ORDER BY ?claim"),
    async play(page, ensure) {
      await page.locator("#results table").waitFor();
      await page.locator("#sources").check();
      const row = page.locator("#results details", { hasText: /characters/ }).first();
      await row.waitFor();
      await row.locator("summary").click();
      ensure(await row.locator("a[href^='/claims/']").first().isVisible(), "a row opens to its claims");
      ensure(await row.locator("a[href^='/id/article/']").first().isVisible(), "and to their article");
      ensure(/characters \d+ to \d+/.test(await row.textContent()), "and to the place in it");
      ensure(page.url().includes("sources=true"), "that is in the address");
      ensure(!(await page.evaluate(() => window.hacked)), "a hostile gist is text");
      await page.goto(page.url());
      await page.locator("#results details").first().waitFor();
      await page.goto(new URL(at("CONSTRUCT { ?x a mg:Claim } WHERE { ?x a mg:Claim }", { sources: "true" }), page.url()).href);
      await page.locator("#banner .notice", { hasText: "carry no sources" }).waitFor();
    },
  },
  hostileRows: {
    path: at("SELECT ?label ?gist { ?x rdfs:label ?label . OPTIONAL { ?c mg:about ?x ; mg:gist ?gist } FILTER(CONTAINS(?label, \"script\") || CONTAINS(?gist, \"script\")) }"),
    async play(page, ensure) {
      await page.locator("#results table").waitFor();
      ensure((await text(page, "#results tbody")).includes("<script>"), "hostile labels are shown as they are");
      for (const view of ["chart", "graph", "table"]) await page.locator(`#view-${view}`).click();
      await page.locator("#view-chart").click();
      await page.locator("#drawn svg rect").first().waitFor();
      ensure(await page.locator("#panel img, #panel b").count() === 0, "no hostile element");
    },
  },
  fault: {
    path: "/workbench?sparql=SELECT%20%3Fx%20WHERE%20%7B%0A%20%3Fx%20a%20..%0A%7D",
    expectedErrors: ["400"],
    async play(page, ensure) {
      await page.locator("#banner .problem").waitFor();
      ensure(await page.locator(".CodeMirror-linebackground.fault").count() === 1, "the line is marked");
      ensure(await page.locator(".fault-note").isVisible(), "with what is wrong");
      ensure(await page.locator("#results table").count() === 0, "a refused query shows no rows");
      await page.locator("#banner button").click();
      ensure(await page.evaluate(() => document.activeElement.closest(".CodeMirror") !== null), "the keyboard goes to the line");
      await page.keyboard.type(" ");
      ensure(await page.locator(".CodeMirror-linebackground.fault").count() === 0, "the mark goes when the query changes");
    },
  },
  deadline: {
    path: "/workbench",
    expectedErrors: ["504"],
    async play(page, ensure) {
      await ready(page);
      const problem = { title: "The query ran out of time", status: 504, detail: "It was stopped after 30 s.",
        hint: "Move the pattern that follows an OPTIONAL before it." };
      await answered(page, "**/sparql?*", { status: 504, contentType: "application/problem+json", body: JSON.stringify(problem) });
      await page.locator("#run").click();
      await page.locator("#banner .problem").waitFor();
      const said = await text(page, "#banner");
      ensure(said.includes("Stopped by the deadline") && said.includes(problem.detail) && said.includes(problem.hint), "time, reason and hint");
      ensure(await page.locator("#results").isHidden(), "no rows of a stopped query");
    },
  },
  truncated: {
    path: "/workbench",
    expectedErrors: ["INCOMPLETE", "net::"],
    async play(page, ensure) {
      await ready(page);
      const bindings = Array.from({ length: 1500 }, (_, n) => ({ n: { type: "literal", value: String(n) } }));
      await answered(page, "**/sparql?*", { headers: { "Mineralgraph-Truncated": "true" },
        contentType: "application/sparql-results+json", body: JSON.stringify({ head: { vars: ["n"] }, results: { bindings } }) });
      await page.locator("#run").click();
      await page.locator("#results table").waitFor();
      const said = await text(page, "#banner");
      ensure(said.includes("This answer is cut"), "a cut answer says so");
      ensure((await page.locator("#banner").textContent()).includes("Only the first 1000 of 1500"), "so does a cut table");
      await page.unroute("**/sparql?*");
      await answered(page, "**/sparql?*", { contentType: "application/sparql-results+json", body: '{"head":{"vars":["n"]},"results":{"bindings":[' });
      await page.locator("#run").click();
      await page.locator("#banner .notice", { hasText: "broke off" }).waitFor();
      ensure(await page.locator("#results").isHidden(), "no part of an answer passes for the whole");
    },
  },
  workbenchDays: {
    path: at("SELECT (COUNT(?c) AS ?n) { ?c mg:current true }"),
    async play(page, ensure) {
      await page.locator("#results td").first().waitFor();
      const now = Number(await text(page, "#results td"));
      await type(page, "SELECT (COUNT(?c) AS ?n) { ?c mg:current true } # changed");
      await page.locator("form.moment input[name='as-of']").fill("2031-04-03");
      await page.locator("form.moment button").click();
      await page.locator("#results td").first().waitFor();
      ensure(new URL(page.url()).searchParams.get("as-of") === "2031-04-03", "the day is in the address");
      ensure(page.url().includes("changed"), "and the query as it stood");
      ensure(Number(await text(page, "#results td")) < now, "fewer claims were known then");
      ensure((await page.locator("#downloads a").first().getAttribute("href")).includes("as-of=2031-04-03"), "downloads look from there, too");
    },
  },
  workbenchKeyboard: {
    path: "/workbench",
    async play(page, ensure) {
      await ready(page);
      await page.locator("#tablist [role=tab]").first().focus();
      for (let n = 0; n < 12; n += 1) {
        await page.keyboard.press("Tab");
        if (await page.evaluate(() => document.activeElement.id === "run")) break;
      }
      ensure(await page.evaluate(() => document.activeElement.id === "run"), "Tab goes from the tabs through the editor to Run");
      await page.keyboard.press("Enter");
      await page.locator("#results table").waitFor();
      ensure(await page.evaluate(() => document.querySelector("#state").getAttribute("role") === "status"), "the outcome is announced");
    },
  },
  workbenchPlain: {
    path: "/workbench?query=did-attend",
    script: false,
    async play(page, ensure) {
      ensure((await page.locator("#query").inputValue()).includes("SELECT"), "the query is there without JavaScript");
      const asked = page.waitForRequest((request) => request.url().includes("/sparql?"));
      await page.locator("#plain-download button").click();
      ensure(new URL((await asked).url()).searchParams.get("format") === "csv", "and its answer a click away");
    },
  },
  workbenchLinks: {
    path: "/workbench?sparql=SELECT%20%3Fx%20%7B%20%3Fx%20a%20mg%3AEvent%20%7D%20ORDER%20BY%20%3Fx",
    async play(page, ensure, base) {
      const put = (query) => page.evaluate((q) => document.querySelector(".CodeMirror").CodeMirror.setValue(q), query);
      const link = (name) => page.locator("#downloads a", { hasText: name }).getAttribute("href");
      await page.locator("#results table").waitFor();
      ensure(/[?&]version=/.test(await link("Permanent link")), "the link to an answer pins the dataset version");
      const pinned = await page.request.get(base + await link("Permanent link"), { headers: { Accept: "application/sparql-results+json" } });
      ensure((await pinned.json()).results.bindings.length === await page.locator("#results tbody tr").count(), "and gives what was seen");
      ensure((await (await page.request.get(base + await link("Cite"))).text()).includes("dataset version"), "the answer can be cited");
      await put("SELECT ?x { ?x a mg:Event } LIMIT 1");
      await page.locator("#run").click();
      await page.locator("#downloads", { hasText: "No permanent link" }).waitFor();
      ensure(await page.locator("#permalink").isVisible(), "the query still has its link");
      await put(`SELECT ?x { ?x a mg:Event } ORDER BY ?x # ${"long ".repeat(4100)}`);
      await page.locator("#too-long").waitFor();
      ensure(!await page.locator("#permalink").isVisible(), "a query that fits into no address has no link that would lose it");
      await page.locator("#run").click();
      await page.locator("#downloads", { hasText: "by POST" }).waitFor();
      ensure(await page.locator("#downloads a").count() === 0, "nor links for downloads that would fail");
    },
  },
};
