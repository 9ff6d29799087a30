// Paste or drop a file, see what the gate finds beside its lines, mend, check again, submit.
// The token stays in the field of this page: nothing stores it. Loaded on /check only.
const page = document.querySelector("#check");
const text = document.querySelector("#document");
const syntax = document.querySelector("#syntax");
const token = document.querySelector("#token");
const state = document.querySelector("#state");
const list = document.querySelector("#findings");
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
    jump.textContent = `line ${found.line}`;
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

function show(report) {
  list.replaceChildren(...report.findings.map(finding));
  number(new Set(report.findings.map((f) => f.line)));
}

async function send(path, headers) {
  state.textContent = page.dataset.running;
  list.replaceChildren();
  const answer = await fetch(path, {
    method: "POST",
    headers: { "Content-Type": syntax.value, Accept: "application/json", ...headers },
    body: text.value,
  }).catch(() => null);
  if (!answer) {
    state.textContent = page.dataset.gone;
    return [null, null];
  }
  return [answer, await answer.json().catch(() => ({}))];
}

async function check() {
  const [answer, told] = await send("/validate", {});
  if (!answer) return;
  if (!answer.ok) {
    const line = told.line ? [{ severity: told.title, message: told.detail, line: told.line, fix: told.hint }] : [];
    state.textContent = line.length ? page.dataset.unread : `${told.title}: ${told.detail} ${told.hint ?? ""}`;
    show({ findings: line });
    return;
  }
  show(told);
  state.textContent = told.conforms ? page.dataset.conforms : `${told.findings.length} ${page.dataset.found}`;
}

async function submit() {
  if (!token.value) {
    state.textContent = page.dataset.needs;
    token.focus();
    return;
  }
  const [answer, told] = await send("/submissions", { Authorization: `Bearer ${token.value}` });
  if (!answer) return;
  if (answer.status === 201) {
    state.textContent = `${page.dataset.accepted} ${answer.headers.get("Location") ?? ""}`;
    return;
  }
  const report = told.report ?? told;
  if (Array.isArray(report.findings)) show(report);
  state.textContent = [told.title, told.detail, told.hint].filter(Boolean).join(" ");
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
