// The SPARQL editor: Yasqe with our completion, our keys, and the place of a mistake marked.
import Yasqe from "@zazuko/yasqe";
import "@zazuko/yasqe/build/yasqe.min.css";
import { say } from "../texts.js";
import { hints } from "./completion.js";
import { made } from "./dom.js";

Yasqe.defaults.autocompleters = []; // its own ask hosts outside

export function open(plain, run) {
  const label = plain.labels[0].textContent;
  const host = made("div", { id: "editor" });
  plain.before(host);
  const editor = new Yasqe(host, {
    value: plain.value,
    persistenceId: null,
    showQueryButton: false,
    createShareableLink: null,
    consumeShareLink: null, // "query" in our URLs names a canned query
    resizeable: true,
    lineWrapping: true,
  });
  const input = editor.getInputField();
  input.setAttribute("aria-label", label);
  input.setAttribute("aria-describedby", "keys");
  const scroller = editor.getScrollerElement();
  scroller.tabIndex = 0;
  scroller.setAttribute("role", "region");
  scroller.setAttribute("aria-label", say("workbench.script.editor", { label }));
  plain.hidden = true;
  plain.labels[0].hidden = true;
  document.querySelector("#keys").hidden = false;
  editor.setSize(null, "22rem");
  const complete = () => editor.showHint({ hint: hints, completeSingle: false, container: editor.rootEl,
    closeCharacters: /[\s()[\]{};<>,|/^]/ });
  // Tab leaves the editor: nobody may be caught in it.
  editor.setOption("extraKeys", { ...editor.getOption("extraKeys"), Tab: false, "Shift-Tab": false,
    "Ctrl-Space": complete, "Ctrl-Enter": run, "Cmd-Enter": run });
  editor.on("inputRead", (_, change) => {
    if (/[:?$]$/.test(change.text.at(-1)) && !/comment|string/.test(editor.getTokenTypeAt(editor.getCursor()) ?? "")) complete();
  });
  return editor;
}

let marked = null;

// Show what is wrong on its line, until the query changes.
export function mark(editor, line, message) {
  unmark(editor);
  const at = Math.min(line, editor.lineCount()) - 1;
  editor.addLineClass(at, "background", "fault");
  const widget = editor.addLineWidget(at, made("div", { className: "fault-note" }, message));
  marked = { at: editor.getLineHandle(at), widget };
}

export function unmark(editor) {
  if (!marked) return;
  editor.removeLineClass(marked.at, "background", "fault");
  marked.widget.clear();
  marked = null;
}

export function goTo(editor, line, column) {
  editor.focus();
  editor.setCursor({ line: line - 1, ch: Math.max(0, (column ?? 1) - 1) });
}
