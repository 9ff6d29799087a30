// What needs a service that takes writes: MINERALGRAPH_E2E_TOKEN and MINERALGRAPH_E2E_DOCUMENT (a path)
// come from the test, which begins with an empty graph.
import { readFileSync } from "node:fs";

export const writing = {
  submission: {
    path: "/check",
    expectedErrors: ["401"],
    async play(page, ensure) {
      const document = readFileSync(process.env.MINERALGRAPH_E2E_DOCUMENT, "utf8");
      await page.locator("#document").fill(document);
      await page.locator("#run-check").click();
      await page.waitForFunction(() => /No findings/.test(document.querySelector("#state").textContent));
      await page.locator("#submit").click();
      ensure(/needed/.test(await page.locator("#submitted").textContent()), "without a token nothing is sent");
      await page.locator("#token").fill("a-wrong-token");
      await page.locator("#submit").click();
      await page.waitForFunction(() => /token/i.test(document.querySelector("#submitted").textContent)
        && !/needed to/.test(document.querySelector("#submitted").textContent));
      await page.locator("#token").fill(process.env.MINERALGRAPH_E2E_TOKEN);
      await page.locator("#submit").click();
      await page.locator("#submitted a").first().waitFor();
      const stored = await page.evaluate(() => localStorage.length + sessionStorage.length + document.cookie.length);
      ensure(stored === 0, "the token is stored nowhere");
      ensure(!page.url().includes("?"), "nor in the address");
      await page.locator("#submitted a").first().click();
      await page.waitForURL(/\/claims\//);
      ensure(await page.locator("blockquote mark").count() > 0, "the new claim shows its words");
      await page.goBack();
      ensure(await page.locator("#token").inputValue() === "", "leaving the page forgets the token");
    },
  },
};
