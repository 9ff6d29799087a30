// Asking /sparql, and what comes back: rows, triples, a boolean, or a problem.
const DAYS = ["as-of", "as-of-basis", "valid-on"];

export function isGraph(query) {
  const bare = query.replace(/#[^\n]*|<[^<>\s]*>|"[^"\n]*"|'[^'\n]*'/g, " ");
  return /^(?:construct|describe)$/i.test(/\b(select|ask|construct|describe)\b/i.exec(bare)?.[1] ?? "");
}

// The parameters of the API that say how a query is asked.
export function asked(query, sources) {
  const here = new URLSearchParams(location.search);
  const parameters = new URLSearchParams();
  if (sources && !isGraph(query)) parameters.set("sources", "true");
  for (const day of DAYS) if (here.get(day)) parameters.set(day, here.get(day));
  return parameters;
}

export function downloadLink(query, sources, format) {
  const parameters = asked(query, sources);
  parameters.set("query", query);
  parameters.set("format", format);
  return `/sparql?${parameters}`;
}

const unescaped = { t: "\t", b: "\b", n: "\n", r: "\r", f: "\f", '"': '"', "'": "'", "\\": "\\" };
const TERM = /<([^>]*)>|(_:\S+)|"((?:[^"\\]|\\.)*)"(?:@([\w-]+)|\^\^<([^>]*)>)?/y;

function literal(text) {
  return text.replace(/\\(?:u([\dA-Fa-f]{4})|U([\dA-Fa-f]{8})|(.))/g, (_, four, eight, one) =>
    one ? unescaped[one] ?? one : String.fromCodePoint(parseInt(four ?? eight, 16)));
}

function term(line, from) {
  TERM.lastIndex = from;
  const found = TERM.exec(line);
  if (!found) return [null, from];
  const [, iri, blank, text, language, datatype] = found;
  const value = iri !== undefined ? { type: "uri", value: literal(iri) }
    : blank !== undefined ? { type: "bnode", value: blank.slice(2) }
      : { type: "literal", value: literal(text), ...(language && { "xml:lang": language }), ...(datatype && { datatype }) };
  return [value, TERM.lastIndex + 1];
}

// N-Triples as the bindings of three columns.
export function triples(text) {
  return text.split("\n").filter((line) => line && !line.startsWith("#")).map((line) => {
    let at = 0;
    const cells = ["subject", "predicate", "object"].map((name) => {
      const [value, next] = term(line, at);
      at = next;
      return [name, value];
    });
    return Object.fromEntries(cells);
  });
}

async function read(answer) {
  const type = answer.headers.get("Content-Type") ?? "";
  if (!type.includes("json")) {
    return { columns: ["subject", "predicate", "object"], rows: triples(await answer.text()), graph: true };
  }
  const found = await answer.json();
  if ("boolean" in found) return { boolean: found.boolean, columns: [], rows: [] };
  return { columns: found.head.vars, rows: found.results.bindings, sources: found.sources,
    claims: found.claims ?? {}, untraceable: found.untraceable ?? [] };
}

// One of { problem }, { gone }, { broken }, { stopped }, or an answer with what its headers say.
export async function ask(query, sources, signal) {
  const began = performance.now();
  let answer;
  try {
    answer = await fetch(`/sparql?${asked(query, sources)}`, {
      method: "POST", body: query, signal,
      headers: { "Content-Type": "application/sparql-query",
        Accept: "application/sparql-results+json, application/n-triples;q=0.8" },
    });
  } catch {
    return signal.aborted ? { stopped: true } : { gone: true };
  }
  if (!answer.ok) {
    const problem = await answer.json().catch(() => ({ title: `${answer.status} ${answer.statusText}` }));
    return { problem: { ...problem, status: answer.status } };
  }
  try {
    const found = await read(answer);
    return { ...found,
      seconds: ((performance.now() - began) / 1000).toFixed(2),
      cut: answer.headers.get("Mineralgraph-Truncated") === "true",
      note: answer.headers.get("Mineralgraph-Note"),
      permalink: /<([^>]+)>; rel="canonical"/.exec(answer.headers.get("Link") ?? "")?.[1],
      undated: Number(answer.headers.get("Mineralgraph-Undated-Claims") ?? 0) };
  } catch {
    return signal.aborted ? { stopped: true } : { broken: true };
  }
}
