/* The grid of a pricebook's rules: keys, paste from a spreadsheet, rows added, copied, moved, removed and brought back.
   Everything is typed into plain inputs, so the form is sent the same with or without this script. */
(function () {
  "use strict";
  var form = document.querySelector("form[data-rules]");
  if (!form) { return; }
  var body = form.querySelector("[data-body]"), blank = form.querySelector("[data-blank]").content;
  var menu = form.querySelector("[data-menu]"), counter = form.querySelector("[data-count]");
  var undo = form.querySelector("[data-undo]"), filter = form.querySelector("[data-filter]");
  var NAMES = form.dataset.header.split(" ");
  var gone = [], menuRow = null; /* gone: removed rows, the last one last */
  /* Copies of a row with the same ids would cost the browser more than all the rest. */
  Array.prototype.forEach.call(blank.querySelectorAll("[id]"), function (el) { el.removeAttribute("id"); });

  function all(selector, within) { return Array.prototype.slice.call((within || form).querySelectorAll(selector)); }
  function rows() { return all("tr", body); }
  function cellOf(row, name) { return row.querySelector("[name='" + name + "']"); }
  function say(text, n, m) { return text.replace("{n}", n).replace("{m}", m); }
  function changed() { form.dispatchEvent(new Event("input", { bubbles: true })); }

  /* Numbers, ids and names of all rows follow their order. */
  function number() {
    rows().forEach(function (row, index) {
      var n = index + 1, label = row.querySelector(".no span");
      if (label.textContent === String(n)) { return; }
      var before = "r" + label.textContent;
      label.textContent = n;
      label.id = "r" + n;
      all(".form-control", row).forEach(function (input) {
        input.id = "r" + n + "-" + input.name;
        input.setAttribute("aria-labelledby", "c-" + input.name + " r" + n);
        if (input.hasAttribute("aria-describedby")) { input.setAttribute("aria-describedby", "r" + n + "-" + input.name + "-err"); }
      });
      all(".ct-fielderror", row).forEach(function (text) { text.id = "r" + n + text.id.slice(before.length); });
      row.querySelector("[data-row-menu]").setAttribute("aria-label", say(form.dataset.name, n));
    });
    count();
  }
  function isBlank(row) { return NAMES.every(function (name) { return name === "kind" || !cellOf(row, name).value.trim(); }); }
  function count() {
    var filled = rows().filter(function (row) { return !isBlank(row); });
    var shown = filled.filter(function (row) { return !row.classList.contains("is-away"); });
    counter.textContent = say(form.dataset.found, shown.length, filled.length);
  }
  function fresh(before) {
    var row = blank.firstElementChild.cloneNode(true);
    body.insertBefore(row, before || null);
    return row;
  }
  function focus(row, name) {
    if (!row) { return; }
    var input = cellOf(row, name);
    input.focus();
    if (input.select) { input.select(); }
    row.scrollIntoView({ block: "nearest" });
  }

  /* ---- rows ---- */
  var acts = {
    duplicate: function (row) {
      var copy = row.cloneNode(true);
      copy.querySelector("[name='rule_id']").value = "";
      cellOf(copy, "kind").value = cellOf(row, "kind").value;
      NAMES.forEach(function (name) { cellOf(copy, name).value = cellOf(row, name).value; });
      all(".ct-mark-note, .ct-fielderror", copy).forEach(function (el) { el.remove(); });
      all("[id]", copy).forEach(function (el) { el.removeAttribute("id"); });
      copy.querySelector(".no span").textContent = "";
      body.insertBefore(copy, row.nextSibling);
      return copy;
    },
    above: function (row) { return fresh(row); },
    up: function (row) { var other = near(row, -1); if (other) { body.insertBefore(row, other); } return row; },
    down: function (row) { var other = near(row, 1); if (other) { body.insertBefore(other, row); } return row; },
    remove: function (row) {
      var next = near(row, 1) || near(row, -1);
      gone.push({ row: row, before: row.nextSibling, n: row.querySelector(".no span").textContent });
      row.remove();
      offerUndo();
      return next || fresh();
    }
  };
  function near(row, step) {
    do { row = step > 0 ? row.nextElementSibling : row.previousElementSibling; } while (row && row.classList.contains("is-away"));
    return row;
  }
  /* Several removed rows come back one by one, the last first. */
  function offerUndo() {
    var last = gone[gone.length - 1];
    undo.hidden = !last;
    if (last) { undo.querySelector("span").textContent = say(form.dataset.removed, last.n); }
  }
  function act(what, row, name) {
    var found = acts[what](row);
    number();
    changed();
    focus(found, name || "service");
  }
  undo.querySelector("button").addEventListener("click", function () {
    var last = gone.pop();
    if (!last) { return; }
    body.insertBefore(last.row, last.before && last.before.parentNode === body ? last.before : null);
    offerUndo();
    number();
    changed();
    focus(last.row, "service");
  });
  form.querySelector("[data-add]").addEventListener("click", function () {
    var empty = rows().filter(isBlank)[0];
    filter.value = "";
    sift();
    var row = empty || fresh();
    number();
    focus(row, "service");
  });

  /* ---- the menu of a row: one for all of them ---- */
  function openMenu(button) {
    menuRow = button.closest("tr");
    menu.hidden = false;
    button.setAttribute("aria-expanded", "true");
    var at = button.getBoundingClientRect(), box = menu.getBoundingClientRect();
    menu.style.left = Math.max(8, at.right - box.width) + "px";
    menu.style.right = "auto";
    menu.style.top = (at.bottom + box.height + 12 > innerHeight ? Math.max(8, at.top - box.height - 4) : at.bottom + 4) + "px";
    menu.querySelector("button").focus();
  }
  function closeMenu(back) {
    if (menu.hidden) { return; }
    menu.hidden = true;
    var button = menuRow && menuRow.querySelector("[data-row-menu]");
    if (button) { button.setAttribute("aria-expanded", "false"); if (back) { button.focus(); } }
  }
  form.addEventListener("click", function (event) {
    var button = event.target.closest("[data-row-menu]"), item = event.target.closest("[data-do]");
    if (button) { if (menu.hidden || menuRow !== button.closest("tr")) { closeMenu(); openMenu(button); } else { closeMenu(true); } }
    if (item) { closeMenu(); act(item.dataset.do, menuRow); }
  });
  document.addEventListener("click", function (event) { if (!event.target.closest("[data-row-menu], [data-menu]")) { closeMenu(); } });
  document.addEventListener("scroll", function (event) { if (event.target !== menu) { closeMenu(); } }, true);
  menu.addEventListener("keydown", function (event) {
    var items = all("button", menu), at = items.indexOf(document.activeElement);
    var step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) { event.preventDefault(); items[(at + step + items.length) % items.length].focus(); }
    if (event.key === "Home" || event.key === "End") { event.preventDefault(); items[event.key === "Home" ? 0 : items.length - 1].focus(); }
    if (event.key === "Escape" || event.key === "Tab") { event.stopPropagation(); event.preventDefault(); closeMenu(true); }
  });

  /* ---- keys in cells ---- */
  body.addEventListener("keydown", function (event) {
    var input = event.target, row = input.closest("tr"), name = input.name;
    if (NAMES.indexOf(name) < 0 || event.isComposing) { return; }
    /* Out of the grid: with hundreds of rules Tab alone would take thousands of steps. */
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) { event.preventDefault(); form.querySelector("[name='save']").focus(); }
    if (event.ctrlKey || event.metaKey) { return; }
    var isUp = event.key === "ArrowUp", isDown = event.key === "ArrowDown";
    if (event.altKey) {
      if (isUp || isDown) { event.preventDefault(); act(isUp ? "up" : "down", row, name); }
      return;
    }
    if (event.key === "Enter" || ((isUp || isDown) && input.tagName !== "SELECT")) {
      event.preventDefault();
      var step = isUp || (event.key === "Enter" && event.shiftKey) ? -1 : 1, other = near(row, step);
      if (!other && step > 0 && event.key === "Enter") { other = fresh(); number(); }
      focus(other, name);
      return;
    }
    var left = event.key === "ArrowLeft", right = event.key === "ArrowRight";
    if (!left && !right) { return; }
    var text = input.tagName === "INPUT", all_ = text && input.selectionStart === 0 && input.selectionEnd === input.value.length;
    var edge = !text || all_ || (input.selectionStart === input.selectionEnd && input.selectionStart === (left ? 0 : input.value.length));
    var next = NAMES[NAMES.indexOf(name) + (left ? -1 : 1)];
    if (edge && next) { event.preventDefault(); focus(row, next); }
  });

  /* ---- paste of cells ---- */
  function kindOf(text, select) {
    var wanted = text.trim().toLowerCase();
    var found = Array.prototype.filter.call(select.options, function (one) { return one.value === wanted || one.textContent.trim().toLowerCase() === wanted; })[0];
    return found ? found.value : wanted === "%" ? "percent" : "";
  }
  function parsed(text) {
    var lines = [], line = [], cell = "", quoted = false;
    for (var i = 0; i < text.length; i += 1) {
      var c = text[i];
      if (quoted) { if (c === '"' && text[i + 1] === '"') { cell += c; i += 1; } else if (c === '"') { quoted = false; } else { cell += c; } }
      else if (c === '"' && cell === "") { quoted = true; }
      else if (c === "\t") { line.push(cell); cell = ""; }
      else if (c === "\n") { line.push(cell); lines.push(line); line = []; cell = ""; }
      else if (c !== "\r") { cell += c; }
    }
    line.push(cell);
    lines.push(line);
    if (lines[lines.length - 1].join("") === "") { lines.pop(); }
    return lines;
  }
  function titlesOf(line) {
    var words = {};
    NAMES.forEach(function (name) { words[name] = name; words[name.replace("_", " ")] = name; words[document.getElementById("c-" + name).textContent.trim().toLowerCase()] = name; });
    var found = line.map(function (text) { return words[text.trim().toLowerCase()] || ""; });
    return found.filter(Boolean).length >= 2 ? found : null;
  }
  body.addEventListener("paste", function (event) {
    var input = event.target, from = NAMES.indexOf(input.name), text = event.clipboardData.getData("text/plain");
    if (from < 0 || (text.indexOf("\t") < 0 && text.trim().indexOf("\n") < 0)) { return; }
    event.preventDefault();
    var lines = parsed(text), titles = titlesOf(lines[0]);
    if (titles) { lines.shift(); }
    var columns = titles || NAMES.slice(from), row = input.closest("tr"), last = row, unknown = null;
    /* Off the page while it is filled: the browser would look after every cell of it, one by one. */
    var table = body.parentNode, after = body.nextSibling;
    body.remove();
    lines.forEach(function (line) {
      if (!row) { row = fresh(); }
      line.slice(0, columns.length).forEach(function (value, index) {
        if (!columns[index]) { return; }
        var cell = cellOf(row, columns[index]);
        if (columns[index] !== "kind") { cell.value = value.trim(); return; }
        cell.value = kindOf(value, cell) || "percent";
        if (value.trim() && !kindOf(value, cell)) { unknown = unknown || cell; odd(cell, value.trim()); }
      });
      last = row;
      row = near(row, 1);
    });
    number();
    table.insertBefore(body, after);
    changed();
    if (window.Cloudtally) { window.Cloudtally.toast(say(form.dataset.pasted, lines.length)); }
    if (unknown) { unknown.focus(); } else { focus(last, NAMES[from]); }
  });
  /* A kind that nobody knows stays as it was pasted, so that the server names it beside its cell. */
  function odd(select, text) {
    var option = document.createElement("option");
    option.value = option.textContent = text;
    select.appendChild(option);
    select.value = text;
    select.setAttribute("aria-invalid", "true");
  }

  /* ---- filter ---- */
  function sift() {
    var wanted = filter.value.trim().toLowerCase();
    rows().forEach(function (row) {
      var text = NAMES.map(function (name) { return cellOf(row, name).value; }).join(" ").toLowerCase();
      row.classList.toggle("is-away", wanted !== "" && text.indexOf(wanted) < 0);
    });
    count();
  }
  filter.addEventListener("input", function (event) { event.stopPropagation(); sift(); });
  filter.addEventListener("keydown", function (event) {
    if (event.key === "Enter") { event.preventDefault(); }
    if (event.key === "Escape" && filter.value) { event.stopPropagation(); filter.value = ""; sift(); }
  });
  body.addEventListener("input", count);
  count();
  if ("unsaved" in form.dataset) { changed(); } /* tried or refused: leaving would lose it */
})();
