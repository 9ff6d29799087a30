// One page in a real browser: `node run.mjs BASE SCENARIO`. Prints what is wrong, exit 1; nothing, exit 0.
// Every scenario also fails on an error in the console, a breach of the policy, a request to
// another host, anything that a hostile label managed to run, and a finding of axe-core.
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { chromium } from "playwright-core";
import { questions } from "./questions.mjs";
import { scenarios } from "./scenarios.mjs";
import { writing } from "./writing.mjs";

export const ARGS = [
  "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
  "--disable-background-networking", "--disable-component-update", "--disable-sync",
];
const axe = readFileSync(fileURLToPath(import.meta.resolve("axe-core/axe.min.js")), "utf8");

export function ensure(holds, what) {
  if (!holds) throw new Error(what);
}

async function accessible(page) {
  await page.evaluate(axe);
  const found = await page.evaluate(() => axe.run(document, {
    runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
  }));
  return found.violations.flatMap((v) => v.nodes.map((n) => `axe ${v.id}: ${n.target.join(" ")} ${n.failureSummary}`));
}

// What a page may cost: requests, and bytes of script and style and of the page itself as they are sent.
// Pages with an editor or a drawing (heavy) may load these too.
async function overBudget(loaded, heavy) {
  const found = [];
  const bytes = { document: 0, own: 0 };
  for (const request of loaded) {
    const { responseBodySize } = await request.sizes().catch(() => ({ responseBodySize: 0 }));
    if (request.resourceType() === "document") bytes.document += responseBodySize;
    else if (request.url().includes("/static/")) bytes.own += responseBodySize;
  }
  if (loaded.length > (heavy ? 14 : 7)) found.push(`${loaded.length} requests`);
  if (bytes.own > (heavy ? 500_000 : 100_000)) found.push(`${bytes.own} bytes of script and style`);
  if (bytes.document > 60_000) found.push(`a page of ${bytes.document} bytes`);
  return found;
}

async function run(base, name) {
  const scenario = { ...scenarios, ...questions, ...writing }[name];
  ensure(scenario, `there is no scenario ${name}`);
  const wrong = [];
  const browser = await chromium.launch({
    executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", args: ARGS,
  });
  try {
    for (const [scheme, width] of [["light", 1200], ["dark", 360]]) {
      const context = await browser.newContext({
        viewport: { width, height: 850 }, colorScheme: scheme, javaScriptEnabled: scenario.script !== false,
      });
      const page = await context.newPage();
      page.setDefaultTimeout(20000);
      const expected = scenario.expectedErrors ?? [];
      page.on("console", (m) => {
        if (m.type() === "error" && !expected.some((e) => m.text().includes(e))) wrong.push(`console: ${m.text()}`);
      });
      page.on("pageerror", (e) => wrong.push(`error: ${e.message}`));
      page.on("request", (r) => {
        if (!r.url().startsWith(base) && !r.url().startsWith("blob:")) wrong.push(`request to ${r.url()}`);
      });
      const loaded = [];
      page.on("requestfinished", (r) => loaded.push(r));
      await page.goto(base + scenario.path, { waitUntil: "networkidle" });
      if (scheme === "light") wrong.push(...await overBudget(loaded, /^\/(workbench|network)/.test(scenario.path)));
      if (scheme === "light") await scenario.play?.(page, ensure, base);
      if (scenario.script !== false) {
        if (await page.evaluate(() => window.hacked)) wrong.push("a hostile text has run");
        wrong.push(...await accessible(page));
        const over = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
        if (over > 0) wrong.push(`${scheme}: the page is ${over} pixels wider than the window`);
      }
      await context.close();
    }
  } catch (error) {
    wrong.push(error.message);
  } finally {
    await browser.close();
  }
  return wrong;
}

const [, , base, name] = process.argv;
const wrong = await run(base, name);
if (wrong.length) console.log([...new Set(wrong)].slice(0, 12).join("\n"));
process.exit(wrong.length ? 1 : 0);
