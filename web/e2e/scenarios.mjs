// What a person does on each page, over the invented dataset of tests/queries.
const text = (page, selector) => page.locator(selector).first().textContent();

import { reference } from "./reference.mjs";
import { workbench } from "./workbench.mjs";

export const scenarios = {
  ...reference,
  ...workbench,
  home: {
    path: "/",
    async play(page, ensure, base) {
      ensure(await page.locator(".cards li").count() > 30, "the canned questions are cards");
      ensure(!await page.locator(".cards a").first().isVisible(), "below their themes");
      await page.locator("details.theme summary").first().press("Enter");
      ensure(await page.locator(".cards a").first().isVisible(), "which open by keyboard");
      ensure(await page.locator("section[aria-labelledby=newest] li").count() > 2, "newest claims are shown");
      const field = page.locator("#site-search");
      await field.fill("Флав");
      await page.locator("#site-suggestions li").first().waitFor();
      ensure((await text(page, "#site-suggestions li")).includes("Флав"), "a variant in another script is found");
      await field.press("ArrowDown");
      await field.press("Enter");
      await page.waitForURL(`${base}/entities/person/flavia`);
    },
  },
  thing: {
    path: "/entities/person/flavia",
    async play(page, ensure) {
      const source = page.locator("li.line details").first();
      await source.locator("summary").first().click();
      ensure(await source.locator("a[href^='/articles/']").first().isVisible(), "a fact's article is one click away");
      ensure(/not at hand|no place/.test(await source.textContent()), "a missing quote is explained");
      ensure(await page.locator("svg.net a").count() > 1, "neighbours are drawn, and linked");
      ensure(await page.locator("a[href$='.jsonld']").count() === 1, "the page is there as data");
      await page.locator("a", { hasText: "Open in the workbench" }).last().click();
      ensure((await page.locator("#query").inputValue()).includes("person/flavia"), "the block's query opens");
    },
  },
  plain: {
    path: "/entities/person/flavia",
    script: false,
    async play(page, ensure) {
      ensure(await page.locator("li.line").count() > 0, "facts stand there without JavaScript");
      await page.locator("li.line summary").first().click();
      ensure(await page.locator("li.line ul.claims a").first().isVisible(), "and so do their sources");
      await page.locator("#site-search").fill("Flavia");
      await page.locator("form.search button").click();
      ensure(await page.locator("ul.rows a[href*='flavia']").count() > 0, "the search works without JavaScript");
      await page.goto(new URL("/", page.url()).href);
      await page.locator("form.moment input").first().fill("2031-04-01");
      await page.locator("form.moment button").click();
      await page.locator("nav a[href^='/timeline']").click();
      ensure(page.url().includes("as-of=2031-04-01"), "the days go along without JavaScript");
      await page.locator("nav a[href^='/network']").click();
      ensure(page.url().includes("as-of=2031-04-01"), "and on");
    },
  },
  hostile: {
    path: "/entities/person/rassendyll",
    async play(page, ensure) {
      ensure((await text(page, "h1")).includes("<script>"), "a hostile label is shown as it is");
      for (const path of ["/network", "/timeline", "/entities?q=script", "/"]) {
        await page.goto(new URL(path, page.url()).href);
        await page.waitForTimeout(400);
        ensure(!(await page.evaluate(() => window.hacked)), `nothing hostile runs on ${path}`);
        ensure(await page.locator("img[src='x']").count() === 0, `no hostile element on ${path}`);
      }
      await page.locator("#site-search").fill("script");
      await page.locator("#site-suggestions li").first().waitFor();
    },
  },
  article: {
    path: "/articles/tarlenheim-digest",
    async play(page, ensure) {
      ensure((await text(page, ".reading .notice")).includes("not at hand"), "the missing text is explained");
      ensure(await page.locator("ol.numbered > li").count() > 3, "claims stand by position");
    },
  },
  reading: {
    path: "/articles/lesson",
    async play(page, ensure) {
      ensure(await page.locator(".text mark").count() > 1, "cited words are marked");
      await page.locator(".text sup a").first().click();
      ensure(new URL(page.url()).hash.startsWith("#c"), "a mark leads to its claim");
      await page.locator("ol.numbered a").first().click();
      ensure(await page.locator("blockquote mark").count() > 0, "the claim shows its words in context");
    },
  },
  timeline: {
    path: "/timeline",
    async play(page, ensure) {
      ensure(await page.locator("svg rect").count() > 3, "bars are drawn");
      const rows = await page.locator("tbody tr").count();
      await page.locator("select[name=modality]").selectOption({ label: "planned" });
      await page.locator("form.filters button").click();
      ensure(page.url().includes("modality="), "a filter stays in the URL");
      const left = await page.locator("tbody tr").count();
      ensure(left > 0 && left < rows, "a filter filters");
    },
  },
  commitments: {
    path: "/commitments",
    async play(page, ensure) {
      ensure(await page.locator(".board section").count() > 1, "steps are columns");
      ensure(await page.locator(".board .card a").count() > 1, "cards link");
      ensure(await page.locator("table tbody tr").count() === await page.locator(".board .card").count(),
        "the table says the same");
    },
  },
  network: {
    path: "/network",
    async play(page, ensure) {
      const drawing = page.locator("#drawing[data-ready]");
      await drawing.waitFor();
      const shown = Number(await drawing.getAttribute("data-ready"));
      ensure((await text(page, "#edges caption")).startsWith(`${shown} things`), "table and drawing agree");
      const places = await drawing.getAttribute("data-places");
      await page.locator("#find").fill("flavia");
      await page.locator("#told li").first().waitFor();
      ensure(await page.locator("#told a[href^='/claims/']").count() > 0, "edges lead to their claims");
      ensure(page.url().endsWith("#person/flavia"), "what is in focus is in the address");
      await page.reload();
      await page.locator("#told li").first().waitFor();
      ensure(await drawing.getAttribute("data-places") === places, "the layout is the same at every visit");
      await page.locator("#kinds input").first().uncheck();
      await page.locator("#whole").click();
      ensure(!page.url().includes("#"), "the whole drawing has the plain address");
    },
  },
  check: {
    path: "/check",
    expectedErrors: ["400", "401", "403", "422"],
    async play(page, ensure) {
      await page.locator("#check[data-ready]").waitFor({ state: "attached" });
      await page.locator("#document").fill("PREFIX mg: <https://w3id.org/mineralgraph/ontology#>\nbroken here");
      await page.locator("#run-check").click();
      await page.locator("#findings button").first().waitFor();
      ensure(await page.locator("#lines .fault").count() === 1, "the faulty line is marked");
      await page.locator("#document").fill(
        "PREFIX schema: <https://schema.org/>\nPREFIX person: <https://w3id.org/mineralgraph/id/person/>\n" +
        "GRAPH <https://w3id.org/mineralgraph/id/graph/people> {\n  person:nobody-here a schema:Person .\n}\n");
      await page.locator("#run-check").click();
      await page.waitForFunction(() => /\d findings?/.test(document.querySelector("#state").textContent));
      ensure(await page.locator("#findings li").count() > 0, "findings are listed");
      await page.locator("#token").fill("not-a-token");
      await page.locator("#submit").click();
      await page.waitForFunction(() => /token/i.test(document.querySelector("#submitted").textContent));
      ensure(await page.evaluate(() => localStorage.length + sessionStorage.length) === 0, "nothing is stored");
      ensure(!(await page.context().cookies()).length, "no cookie is set");
    },
  },
  keyboard: {
    path: "/",
    async play(page, ensure, base) {
      await page.keyboard.press("Tab");
      ensure((await page.evaluate(() => document.activeElement.className)) === "skip", "the first stop skips to the content");
      await page.keyboard.press("Enter");
      await page.waitForFunction(() => document.activeElement.localName === "main");
      for (const path of ["/", "/entities/person/flavia", "/timeline", "/commitments", "/check", "/ask/did-attend"]) {
        await page.goto(base + path);
        const stops = await page.evaluate(() => [...document.querySelectorAll("a[href], button, input, select, textarea, summary, [tabindex='0']")]
          .filter((e) => e.type !== "hidden" && !e.disabled && e.checkVisibility()).length);
        const seen = new Set();
        const wanted = Math.min(stops, 40);
        for (let n = 0; n < 60 && seen.size < wanted; n += 1) { // a field for a date takes several stops
          await page.keyboard.press("Tab");
          const at = await page.evaluate(() => {
            const e = document.activeElement;
            const style = getComputedStyle(e);
            const near = getComputedStyle(e.closest(".editing") ?? e);
            return { name: e.outerHTML.slice(0, 80), where: [...document.querySelectorAll("*")].indexOf(e), body: e === document.body,
              ring: [style, near].some((s) => s.outlineStyle !== "none" && parseFloat(s.outlineWidth) >= 2) };
          });
          if (at.body) break;
          ensure(at.ring, `the focus is seen on ${path}: ${at.name}`);
          seen.add(at.where);
        }
        ensure(seen.size >= wanted - 1, `the keyboard reaches everything on ${path}: ${seen.size} of ${stops}`);
      }
      await page.goto(`${base}/entities/person/flavia`);
      await page.locator("li.line summary").first().focus();
      await page.keyboard.press("Enter");
      ensure(await page.locator("li.line ul.claims a").first().isVisible(), "sources open with the keyboard");
    },
  },
  days: {
    path: "/",
    async play(page, ensure) {
      await page.locator("form.moment input[name=as-of]").fill("2031-04-01");
      await page.locator("form.moment button").click();
      for (const name of ["Things", "Claims", "Timeline", "Commitments", "Network", "Workbench", "API"]) {
        await page.locator("header nav a", { hasText: name }).first().click();
        ensure(new URL(page.url()).searchParams.get("as-of") === "2031-04-01", `the day stays in the address on ${name}`);
        ensure(await page.locator("form.moment input[name=as-of]").inputValue() === "2031-04-01", `and in the header on ${name}`);
        ensure(!page.url().includes("valid-on"), "an empty day is not in the address");
      }
      await page.locator("#site-search").fill("flav");
      await page.locator("#site-suggestions li").first().waitFor();
      await page.locator("#site-search").press("ArrowDown");
      await page.locator("#site-search").press("Enter");
      await page.waitForURL(/flavia\?as-of=2031-04-01/);
      await page.locator("form.moment a").click();
      ensure(!page.url().includes("as-of"), "and back to now");
    },
  },
  lists: { path: "/entities?kind=person" },
  articles: { path: "/articles" },
  claims: { path: "/claims" },
  claimsAbout: { path: "/claims?about=person:flavia" },
  ask: {
    path: "/ask/did-attend",
    async play(page, ensure) {
      ensure(await page.locator("table.answer").count() === 0, "without its parameters a question has no answer");
      for (const field of await page.locator("form.filters select[required]").all()) await field.selectOption({ index: 1 });
      await page.locator("form.filters button").click();
      ensure(/event=/.test(page.url()), "the question is in the address");
    },
  },
  answer: { path: "/ask/event-participants?event=strelsau-congress" },
  claim: { path: "/claims/sp-attended" },
  docs: { path: "/docs" },
  problem: {
    path: "/entities/person/nobody-at-all",
    expectedErrors: ["404"],
    async play(page, ensure, base) {
      ensure((await text(page, "h1")).includes("no such thing"), "what went wrong is said on a page");
      ensure(await page.locator("#site-search").isVisible(), "with the search at hand");
      await page.locator("main a").first().click();
      await page.waitForURL(`${base}/`);
      await page.goBack();
      ensure((await text(page, "h1")).includes("no such thing"), "and back");
    },
  },
};
