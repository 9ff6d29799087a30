// The texts that a page hands its scripts: those of texts/*.toml that its template names in
// script_texts. say("site.script.found", { n: 3 }) fills the places, and chooses one or other by n.
const texts = JSON.parse(document.querySelector("#texts")?.textContent ?? "{}");

export function say(name, values = {}) {
  const found = texts[name];
  if (found === undefined) throw new Error(`the page has no text ${name}`);
  const text = typeof found === "string" ? found : values.n === 1 ? found.one : found.other;
  return text.replace(/\{([\w-]+)\}/g, (_, place) => String(values[place]));
}
