// The terms and the rules, and the way between them.
const text = (page, selector) => page.locator(selector).first().textContent();

const LIGHT = ["/", "/entities/person/flavia", "/ontology", "/ontology/mg:Claim", "/shapes", "/shapes/claim-gist"];
const BUDGET = 100_000; // bytes of our own script and style, as they travel

export const reference = {
  budgets: {
    path: "/",
    async play(page, ensure, base) {
      for (const path of LIGHT) {
        const sent = [];
        const listen = (response) => sent.push(response);
        page.on("response", listen);
        await page.goto(base + path, { waitUntil: "networkidle" });
        page.off("response", listen);
        const own = sent.filter((r) => /\.(?:js|css)\?|\.(?:js|css)$/.test(r.url()));
        const sizes = await Promise.all(own.map(async (r) => (await r.request().sizes()).responseBodySize));
        const sum = sizes.reduce((a, b) => a + b, 0);
        ensure(sum < BUDGET, `${path} loads ${sum} bytes of script and style`);
        ensure(sent.length <= 6, `${path} makes ${sent.length} requests`);
        ensure(!own.some((r) => /workbench|cytoscape|network|chart/.test(r.url())), `${path} loads no editor and no graph`);
      }
    },
  },
  ontology: {
    path: "/ontology",
    async play(page, ensure, base) {
      ensure(await page.locator("table.terms tbody tr").count() > 300, "every term is listed");
      ensure(/[1-9]/.test(await text(page, "tr[id=Claim] td.number")), "uses are counted");
      await page.locator("input[name=q]").nth(1).fill("participation");
      await page.locator("select[name=kind]").selectOption("class");
      await page.locator("form.filters button").click();
      ensure(new URL(page.url()).searchParams.get("kind") === "class", "the filter stays in the URL");
      await page.locator("tr[id=Participation] a").click();
      await page.waitForURL(`${base}/ontology/mg:Participation`);
      ensure(await page.locator("ul.claims li").count() > 0, "claims that use it are shown");
      ensure(await page.locator("dl.facts a[href='/ontology/mg:role']").count() > 0, "its properties are linked");
      await page.locator("a[href^='/shapes/']").first().click();
      ensure(await page.locator("pre.refused").count() > 0, "a rule shows what it refuses");
      await page.goBack();
      await page.locator("#uses ~ p a[href^='/workbench']").click();
      await page.locator("#results table").waitFor();
    },
  },
  ontologyPlain: {
    path: "/ontology#Participation",
    script: false,
    async play(page, ensure) {
      const place = () => page.locator("tr[id=Participation]").evaluate((row) => row.getBoundingClientRect().top);
      const seen = (top) => top > -5 && top < 850;
      for (let n = 0; n < 50 && !seen(await place()); n += 1) await page.waitForTimeout(100); // it goes there once all is drawn
      ensure(seen(await place()), "the IRI of a term ends at its entry, without JavaScript");
      await page.locator("tr[id=Participation] a").click();
      ensure((await text(page, "h1")).includes("participation"), "and leads to its page");
    },
  },
  term: { path: "/ontology/mod:held" },
  borrowed: { path: "/ontology/schema:Person" },
  shapes: {
    path: "/shapes",
    async play(page, ensure, base) {
      ensure(await page.locator("table.terms tbody tr").count() > 100, "every rule is listed");
      await page.locator("select[name=severity]").selectOption("warning");
      await page.locator("form.filters button").click();
      const warnings = await page.locator("table.terms tbody tr").count();
      ensure(warnings > 0 && warnings < 30, "a filter filters");
      await page.locator("tr[id='country-code'] a").click();
      await page.waitForURL(`${base}/shapes/country-code`);
      await page.locator("main a[href='/ontology/schema:Country']").first().click();
      await page.waitForURL(`${base}/ontology/schema:Country`);
    },
  },
  shape: {
    path: "/shapes/claim-gist",
    async play(page, ensure) {
      ensure((await text(page, "main")).includes("exactly one value"), "the rule is said in words");
      ensure(await page.locator("pre.refused").count() === await page.locator("pre.mended").count(), "each example is mended");
    },
  },
  query: { path: "/shapes/single-seat-held-once" },
};
