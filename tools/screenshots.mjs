// The pictures of docs/tour.md: `node tools/screenshots.mjs BASE`, of a service WITHOUT a corpus, since a
// picture must not carry an article's text. Small PNG files, two of them phone-sized and dark.
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";

const web = createRequire(new URL("../web/package.json", import.meta.url));
const { chromium } = web("playwright-core");
const base = process.argv[2] ?? "http://127.0.0.1:8000";
const ID = "https://w3id.org/mineralgraph/id/";
const shots = [
  ["thing", "/entities/event/ministerial-2026", { open: "section[aria-labelledby=group-who] summary", top: "#group-who", width: 1200 }],
  ["answer", "/ask/did-attend?event=ministerial-2026&participant=person/kosherbayev"],
  ["board", "/commitments"],
  ["timeline", "/timeline?since=2025-11-01&until=2026-03-01", { top: "form.filters" }],
  ["network", `/network?about=${encodeURIComponent(`${ID}person/kosherbayev`)}#person/rubio`, { wait: "#drawing[data-ready]", top: ".drawing-tools", width: 1200 }],
  ["workbench", "/workbench?query=did-attend&sources=true", { wait: "#results table", open: "#results summary", top: "#state", width: 1200 }],
  ["chart", "/workbench?query=claims-by-type-of-event", { wait: "#drawn svg", top: "#state" }],
  ["term", "/ontology/mg:Participation"],
  ["phone", "/", { width: 390, height: 700, scheme: "dark" }],
];
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
  args: ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update", "--disable-sync"],
});
for (const [name, path, how = {}] of shots) {
  const page = await browser.newPage({
    viewport: { width: how.width ?? 1000, height: how.height ?? 700 }, colorScheme: how.scheme ?? "light", reducedMotion: "reduce",
  });
  await page.goto(base + path);
  if ((await page.locator("blockquote.quote, .text mark").count()) > 0) {
    throw new Error("this service has article texts; serve without MINERALGRAPH_CORPUS");
  }
  if (how.wait) await page.locator(how.wait).first().waitFor();
  if (how.open) await page.locator(how.open).first().click();
  if (how.top) await page.locator(how.top).evaluate((part) => part.scrollIntoView());
  await page.screenshot({ path: fileURLToPath(new URL(`../docs/tour/${name}.png`, import.meta.url)) });
  await page.close();
}
await browser.close();
