// Ten questions that somebody new brings along, answered on the project's own data by clicking only,
// from the start page on. Each says how many clicks it may take.
const theme = (page, title) => page.locator("details.theme", { has: page.locator("a", { hasText: title }) }).first();
const answer = (page) => page.locator("table.answer tbody");

async function ask(page, title) {
  await theme(page, title).locator("summary").click();
  await theme(page, title).locator(".cards a", { hasText: title }).first().click();
}

async function asked(page, ensure, title, ...words) {
  await ask(page, title);
  const said = await answer(page).textContent();
  for (const word of words) ensure(said.includes(word), `"${title}" answers with ${word}`);
}

async function event(page) {
  await page.locator("main a", { hasText: "Events" }).first().click();
  await page.locator("ul.rows a", { hasText: "Critical minerals ministerial conference" }).click();
}

export const questions = {
  whoTookPart: {
    path: "/",
    async play(page, ensure) {
      await event(page);
      await page.locator("section[aria-labelledby=group-who] a", { hasText: "All" }).click();
      const lines = page.locator("li.line", { hasText: "Yermek Kosherbayev" });
      const said = (await lines.allTextContents()).join(" ");
      ensure(said.includes("planned"), "a plan is named as one");
      ensure(said.includes("2 sources"), "and what happened has its sources");
    },
  },
  didHeAttend: {
    path: "/",
    play: (page, ensure) => asked(page, ensure, "Did somebody attend an event", "held", "planned"),
  },
  underWhichNames: {
    path: "/",
    async play(page, ensure) {
      await event(page);
      const names = await page.locator("section[aria-labelledby=group-names]").textContent();
      ensure(names.includes("minister-level conference"), "the names that sources use stand on its page");
      await page.locator("section[aria-labelledby=group-names] summary").first().click();
      ensure(await page.locator("section[aria-labelledby=group-names] ul.claims a").first().isVisible(), "with their sources");
    },
  },
  whichPosts: {
    path: "/",
    play: (page, ensure) => asked(page, ensure, "Which persons hold which posts", "Steve Daines", "Nisha Biswal"),
  },
  whichAgreements: {
    path: "/",
    play: (page, ensure) => asked(page, ensure, "Agreements between two countries", "Kazakh-US memorandum", "signed"),
  },
  whoSigned: {
    path: "/",
    play: (page, ensure) => asked(page, ensure, "Who signed an agreement", "Kassym-Jomart Tokayev"),
  },
  whatShare: {
    path: "/",
    play: (page, ensure) => asked(page, ensure, "What share of a list", "17", "50", "20", "60"),
  },
  whichMinerals: {
    path: "/",
    async play(page, ensure) {
      await asked(page, ensure, "Which minerals a country is tied to", "uranium", "tantalum");
      await page.locator("form.filters select").first().selectOption({ label: "Kazakhstan" });
      await page.locator("form.filters button").click();
      ensure((await answer(page).textContent()).includes("gallium"), "the question can be narrowed");
    },
  },
  whichOffers: {
    path: "/",
    async play(page, ensure) {
      await page.locator("header nav a", { hasText: "Commitments" }).click();
      const column = page.locator(".board section", { hasText: "Letter of interest" });
      ensure((await column.textContent()).includes("USD up to 900,000,000"), "the offer has its ceiling");
      await column.locator("summary").first().click();
      ensure(await column.locator("details a").first().isVisible(), "and its sources");
    },
  },
  howOften: {
    path: "/",
    play: (page, ensure) => asked(page, ensure, "How often two persons met or spoke", "2", "1"),
  },
  whatElseThatDay: {
    path: "/",
    play: (page, ensure) => asked(page, ensure, "What happened on a day", "B5+1 Business Forum"),
  },
  whatDoArticlesNotSay: {
    path: "/",
    play: async (page, ensure) => {
      await ask(page, "Who signed an agreement for a country");
      await page.locator("select[name=country]").selectOption({ label: "United States" });
      await page.locator("form.filters button").click();
      ensure(/do not say/.test(await page.locator("main").textContent()), "no answer is said to be none");
    },
  },
};
