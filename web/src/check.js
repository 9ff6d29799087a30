// Paste or drop a file, see what the gate finds beside its lines, mend, check again, submit.
// The token stays in the field of this page: nothing stores it. Loaded on /check only.
import { say } from "./texts.js";

const page = document.querySelector("#check");
const text = document.querySelector("#document");
const syntax = document.querySelector("#syntax");
const token = document.querySelector("#token");
const state = document.querySelector("#state");
const submitted = document.querySelector("#submitted");
const list = document.querySelector("#findings");
const part = document.querySelector("#found-part");
const gutter = document.querySelector("#lines");

function number(marked = new Set()) {
  const count = text.value.split("\n").length;
  gutter.replaceChildren(...Array.from({ length: count }, (_, n) => {
    const line = document.createElement("span");
    line.textContent = String(n + 1);
    if (marked.has(n + 1)) line.className = "fault";
    return line;
  }));
  gutter.scrollTop = text.scrollTop;
}

function goTo(line) {
  const lines = text.value.split("\n");
  const start = lines.slice(0, line - 1).reduce((sum, l) => sum + l.length + 1, 0);
  text.focus();
  text.setSelectionRange(start, start + lines[line - 1].length);
  text.scrollTop = (line - 4) * (text.scrollHeight / lines.length);
}

function finding(found) {
  const item = document.createElement("li");
  const head = document.createElement("p");
  const strong = document.createElement("strong");
  strong.textContent = found.severity;
  head.append(strong, ` ${found.message} `);
  if (found.line && found.line <= text.value.split("\n").length) {
    const jump = document.createElement("button");
    jump.type = "button";
    jump.textContent = say("check.script.line", { n: found.line });
    jump.addEventListener("click", () => goTo(found.line));
    head.append(jump);
  }
  item.append(head);
  for (const said of [found.fix, found.label ?? found.focus]) {
    if (!said) continue;
    const p = document.createElement("p");
    p.className = "source";
    p.textContent = said;
    item.append(p);
  }
  return item;
}

function show(findings) {
  list.replaceChildren(...findings.map(finding));
  part.hidden = !findings.length;
  number(new Set(findings.map((found) => found.line)));
}

async function send(path, headers, where, running) {
  state.textContent = submitted.textContent = "";
  show([]);
  if (!text.value.trim()) {
    where.textContent = say("check.script.empty");
    return [null, null];
  }
  where.textContent = running;
  const answer = await fetch(path, {
    method: "POST",
    headers: { "Content-Type": syntax.value, Accept: "application/json", ...headers },
    body: text.value,
  }).catch(() => null);
  if (!answer) {
    where.textContent = say("check.script.gone");
    return [null, null];
  }
  return [answer, await answer.json().catch(() => ({}))];
}

const counted = (findings) => findings.length ? say("check.script.found", { n: findings.length }) : say("check.script.conforms");

function refused(told, where) {
  const report = told.report ?? told;
  if (Array.isArray(report.findings)) {
    show(report.findings);
    where.textContent = counted(report.findings);
  } else if (told.line) {
    show([{ severity: told.title, message: told.detail, line: told.line, fix: told.hint }]);
    where.textContent = say("check.script.unread");
  } else {
    where.textContent = [told.title, told.detail, told.hint].filter(Boolean).join(" · ");
  }
}

async function check() {
  const [answer, told] = await send("/validate", {}, state, say("check.script.running"));
  if (!answer) return;
  if (!answer.ok) return refused(told, state);
  show(told.findings);
  state.textContent = counted(told.findings);
}

async function submit() {
  if (!token.value) {
    submitted.textContent = say("check.script.needs");
    token.focus();
    return;
  }
  const headers = { Authorization: `Bearer ${token.value}` };
  const [answer, told] = await send("/submissions", headers, submitted, say("check.script.submitting"));
  if (!answer) return;
  if (answer.status !== 201) return refused(told, submitted);
  submitted.textContent = `${say("check.script.accepted")} `;
  const claims = (told.touches ?? []).filter((iri) => iri.includes("/id/claim/"));
  const places = claims.length ? claims : [answer.headers.get("Location")];
  places.filter(Boolean).forEach((place, n) => {
    const link = document.createElement("a");
    link.href = place.includes("/id/") ? `/id/${place.split("/id/")[1]}` : place;
    link.textContent = link.pathname;
    submitted.append(n ? ", " : "", link);
  });
}

async function take(file) {
  if (!file) return;
  text.value = await file.text();
  const ending = file.name.split(".").pop().toLowerCase();
  const option = [...syntax.options].find((o) => o.dataset.ending.split(" ").includes(ending));
  if (option) syntax.value = option.value;
  number();
  check();
}

document.querySelector("#run-check").addEventListener("click", check);
document.querySelector("#submit").addEventListener("click", submit);
document.querySelector("#file").addEventListener("change", (event) => take(event.target.files[0]));
text.addEventListener("input", () => number());
text.addEventListener("scroll", () => { gutter.scrollTop = text.scrollTop; });
text.addEventListener("dragover", (event) => event.preventDefault());
text.addEventListener("drop", (event) => {
  if (!event.dataTransfer.files.length) return;
  event.preventDefault();
  take(event.dataTransfer.files[0]);
});
number();
page.dataset.ready = "yes";
