// The query page's editor: colours, and completion of prefixes, words of the language, properties, classes and variables.
// Without it the page is a plain form that works the same.
"use strict";
(() => {
  const field = document.getElementById("query");
  const form = field && field.form;
  if (!form) return;
  const KEYWORDS = ("ASK BASE BIND BY CONSTRUCT DESCRIBE DISTINCT EXISTS FILTER FROM GRAPH GROUP HAVING IN LIMIT MINUS NAMED NOT OFFSET " +
    "OPTIONAL ORDER PREFIX REDUCED SELECT SERVICE UNDEF UNION VALUES WHERE AS ASC DESC a COUNT SUM MIN MAX AVG SAMPLE GROUP_CONCAT STR LANG " +
    "LANGMATCHES DATATYPE BOUND IRI BNODE RAND ABS CEIL FLOOR ROUND CONCAT STRLEN UCASE LCASE CONTAINS STRSTARTS STRENDS STRBEFORE STRAFTER " +
    "YEAR MONTH DAY NOW COALESCE IF REGEX REPLACE SUBSTR isIRI isBLANK isLITERAL sameTerm").split(" ");
  const words = new Set(KEYWORDS.map((word) => word.toLowerCase()));
  let terms = { prefixes: {}, names: {} };

  const box = document.createElement("div");
  box.className = "editor";
  const paint = document.createElement("pre");
  paint.setAttribute("aria-hidden", "true");
  field.before(box);
  box.append(paint, field);
  const list = document.createElement("ul");
  list.className = "offers";
  list.id = "offers";
  list.setAttribute("role", "listbox");
  list.hidden = true;
  box.append(list);
  field.setAttribute("aria-haspopup", "listbox");
  field.setAttribute("aria-autocomplete", "list");
  field.setAttribute("aria-controls", "offers");
  const hint = document.createElement("p");
  hint.className = "small";
  hint.textContent = "Ctrl+Space completes, Ctrl+Enter asks, Tab leaves the editor.";
  box.after(hint);

  const TOKEN = /(#[^\n]*)|("(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*')|(<[^<>"{}|^`\\\s]*>)|([?$]\w+)|([A-Za-z][\w-]*)?:([\w.-]*)|([A-Za-z_]+)|(\s+|.)/gu;
  const colour = () => {
    paint.textContent = "";
    for (const found of field.value.matchAll(TOKEN)) {
      const kind = found[1] ? "comment" : found[2] ? "string" : found[3] ? "iri" : found[4] ? "variable"
        : found[7] ? (words.has(found[7].toLowerCase()) ? "keyword" : "") : found[8] ? "" : "name";
      if (!kind) { paint.append(found[0]); continue; }
      const span = document.createElement("span");
      span.className = kind;
      span.textContent = found[0];
      paint.append(span);
    }
    paint.append("\n");
    paint.scrollTop = field.scrollTop;
    paint.scrollLeft = field.scrollLeft;
  };

  let offers = [], chosen = 0;
  const close = () => { list.hidden = true; offers = []; field.removeAttribute("aria-activedescendant"); };
  const before = () => /[\w?$:.-]*$/u.exec(field.value.slice(0, field.selectionStart))[0];
  const find = (start) => {
    const low = start.toLowerCase();
    if (/^[?$]/.test(start)) {
      const all = new Set(field.value.match(/[?$]\w+/gu) || []);
      return [...all].filter((name) => name.startsWith(start) && name !== start).sort();
    }
    const colon = start.indexOf(":");
    if (colon >= 0) {
      const names = terms.names[start.slice(0, colon)] || [];
      return names.filter((name) => name.toLowerCase().startsWith(low.slice(colon + 1))).map((name) => start.slice(0, colon + 1) + name);
    }
    const prefixes = Object.keys(terms.prefixes).filter((name) => name.startsWith(low)).map((name) => name + ":");
    return prefixes.concat(KEYWORDS.filter((word) => word.toLowerCase().startsWith(low) && word.toLowerCase() !== low));
  };
  const show = () => {
    list.textContent = "";
    offers.forEach((offer, place) => {
      const item = document.createElement("li");
      item.id = "offer" + place;
      item.setAttribute("role", "option");
      item.setAttribute("aria-selected", String(place === chosen));
      item.textContent = offer;
      item.addEventListener("mousedown", (event) => { event.preventDefault(); chosen = place; take(); });
      list.append(item);
    });
    list.hidden = false;
    field.setAttribute("aria-activedescendant", "offer" + chosen);
    list.children[chosen].scrollIntoView({ block: "nearest" });
  };
  const offer = (always) => {
    const start = before();
    if (!always && start.length < 2) return close();
    offers = find(start).slice(0, 40);
    chosen = 0;
    if (offers.length) show(); else close();
  };
  const take = () => {
    const start = before(), at = field.selectionStart, text = offers[chosen];
    field.setRangeText(text, at - start.length, at, "end");
    close();
    const prefix = /^([A-Za-z][\w-]*):/.exec(text);
    if (prefix && terms.prefixes[prefix[1]] && !new RegExp("PREFIX\\s+" + prefix[1] + "\\s*:", "i").test(field.value)) {
      const line = "PREFIX " + prefix[1] + ": <" + terms.prefixes[prefix[1]] + ">\n", place = field.selectionStart;
      field.setRangeText(line, 0, 0, "preserve");
      field.setSelectionRange(place + line.length, place + line.length);
    }
    colour();
    if (text.endsWith(":")) offer(true);
  };
  field.addEventListener("input", () => { colour(); offer(false); });
  field.addEventListener("scroll", () => { paint.scrollTop = field.scrollTop; paint.scrollLeft = field.scrollLeft; });
  field.addEventListener("blur", close);
  field.addEventListener("keydown", (event) => {
    if (event.ctrlKey && event.key === "Enter") { event.preventDefault(); form.requestSubmit(); return; }
    if (event.ctrlKey && event.key === " ") { event.preventDefault(); offer(true); return; }
    if (list.hidden) return;
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      chosen = (chosen + (event.key === "ArrowDown" ? 1 : offers.length - 1)) % offers.length;
      show();
    } else if (event.key === "Enter") { event.preventDefault(); take(); } else if (event.key === "Escape") { event.preventDefault(); close(); }
  });
  fetch("/static/terms.json").then((answer) => answer.json()).then((told) => { terms = told; }).catch(() => {});
  box.classList.add("on");
  colour();
})();
