/* Cloudtally's script: small comforts over pages that work without it. No framework, no inline handlers, no texts of its own:
   every word a person sees comes from the page, already translated. */
(function () {
  "use strict";
  var root = document.documentElement;
  var body = document.body;
  var FOCUSABLE = "a[href], button:not([disabled]), input:not([disabled]):not([type=hidden]), select:not([disabled]), textarea:not([disabled]), summary, [tabindex]:not([tabindex='-1'])";

  function all(selector, within) { return Array.prototype.slice.call((within || document).querySelectorAll(selector)); }
  function visible(el) { return el.getClientRects().length > 0 && getComputedStyle(el).visibility !== "hidden"; }
  function clone(id) { return document.getElementById(id).content.firstElementChild.cloneNode(true); }

  /* Keep Tab inside a box while it is open. */
  function trap(event, box) {
    if (event.key !== "Tab") { return; }
    var stops = all(FOCUSABLE, box).filter(visible);
    if (!stops.length) { return; }
    var first = stops[0], last = stops[stops.length - 1];
    if (event.shiftKey && (document.activeElement === first || !box.contains(document.activeElement))) { event.preventDefault(); last.focus(); }
    else if (!event.shiftKey && (document.activeElement === last || !box.contains(document.activeElement))) { event.preventDefault(); first.focus(); }
  }

  /* ---- theme ---- */
  function flipTheme() {
    var now = root.getAttribute("data-theme") || (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light");
    var next = now === "dark" ? "light" : "dark";
    root.setAttribute("data-theme", next);
    try { localStorage.setItem("ct-theme", next); } catch (e) { /* private window: the choice lasts for this page */ }
    document.dispatchEvent(new CustomEvent("ct:theme", { detail: next }));
  }

  /* ---- drawer ---- */
  var sidebar = document.getElementById("sidebar");
  var opener = null;
  function drawer(open) {
    if (!sidebar || open === body.classList.contains("drawer-open")) { return; }
    body.classList.toggle("drawer-open", open);
    all(".ct-main, .ct-entered, .ct-skip").forEach(function (el) { el.inert = open; });
    all(".ct-menu-btn").forEach(function (b) { b.setAttribute("aria-expanded", String(open)); });
    if (open) { opener = document.activeElement; sidebar.querySelector(".ct-close-btn").focus(); }
    else if (opener) { opener.focus(); opener = null; }
  }
  matchMedia("(min-width: 992px)").addEventListener("change", function (m) { if (m.matches) { drawer(false); } });

  /* ---- menus: <details class="dropdown">, and [data-popover] buttons beside a .ct-popover ---- */
  function closeMenus(except) {
    all("details.dropdown[open]").forEach(function (d) { if (d !== except && !(except && d.contains(except))) { d.open = false; } });
    all(".ct-pop.open").forEach(function (p) {
      if (except && p.contains(except)) { return; }
      p.classList.remove("open");
      p.querySelector("[data-popover]").setAttribute("aria-expanded", "false");
    });
  }
  function place(details) { /* inside a scrolling table the menu is pinned to the window so that it is not cut off */
    var menu = details.querySelector(".dropdown-menu");
    if (!menu) { return; }
    menu.style.cssText = "";
    if (!details.open || !details.closest(".table-responsive")) { return; }
    var at = details.getBoundingClientRect();
    menu.style.position = "fixed";
    menu.style.margin = "0";
    menu.style.right = "auto";
    var box = menu.getBoundingClientRect();
    var below = at.bottom + 4;
    menu.style.left = Math.max(8, at.right - box.width) + "px";
    menu.style.top = (below + box.height > innerHeight - 8 ? Math.max(8, at.top - box.height - 4) : below) + "px";
  }
  document.addEventListener("toggle", function (event) {
    var d = event.target;
    if (!d.matches || !d.matches("details.dropdown")) { return; }
    if (d.open) { closeMenus(d); }
    place(d);
  }, true);
  document.addEventListener("scroll", function (event) {
    var menu = document.querySelector(".table-responsive details.dropdown[open]");
    if (menu && event.target !== menu && !menu.contains(event.target)) { menu.open = false; }
  }, true);
  /* ---- tables that scroll sideways: reachable by keyboard, and a shadow while columns hide at the right ---- */
  function nameOf(box) {
    var around = box.parentNode.closest("[aria-label], [aria-labelledby]") || document.querySelector("h1");
    var title = document.getElementById(around.getAttribute("aria-labelledby")) || around;
    return around.getAttribute("aria-label") || title.textContent.trim();
  }
  function watchTable(box) {
    var isNamed = box.hasAttribute("role"); /* by its page */
    function look() {
      var scrolls = box.scrollWidth > box.clientWidth + 1;
      box.classList.toggle("has-more", scrolls && box.scrollLeft + box.clientWidth < box.scrollWidth - 1);
      if (isNamed || scrolls === box.hasAttribute("role")) { return; }
      if (!scrolls) { ["role", "tabindex", "aria-label"].forEach(function (name) { box.removeAttribute(name); }); return; }
      var words = body.dataset.scrolls.replace("{name}", nameOf(box));
      box.setAttribute("role", "region");
      box.setAttribute("tabindex", "0");
      box.setAttribute("aria-label", words);
    }
    box.addEventListener("scroll", look, { passive: true });
    new ResizeObserver(look).observe(box);
  }
  all(".table-responsive").forEach(watchTable);
  function walkMenu(event, details) {
    var items = all("a, button", details.querySelector(".dropdown-menu")).filter(visible);
    var step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!step || !items.length || event.target.matches("input, select, textarea")) { return; }
    event.preventDefault();
    items[(items.indexOf(document.activeElement) + step + items.length) % items.length].focus();
  }

  /* ---- toasts ---- */
  function toast(text, icon) {
    var el = clone("ct-toast"), timer;
    if (icon) { el.querySelector("i").className = icon; }
    el.querySelector("span").textContent = text;
    function go() { el.remove(); }
    function start() { clearTimeout(timer); timer = setTimeout(go, 6000); }
    function stop() { clearTimeout(timer); }
    el.addEventListener("mouseenter", stop); el.addEventListener("mouseleave", start);
    el.addEventListener("focusin", stop); el.addEventListener("focusout", start);
    el.querySelector("button").addEventListener("click", go);
    document.getElementById("ct-toasts").appendChild(el);
    start();
  }
  all("[data-toast]").forEach(function (alert) {
    var text = alert.querySelector("div");
    if (text.querySelector("a, button, code")) { alert.removeAttribute("data-toast"); return; } /* something to use: let it stay */
    toast(text.textContent.trim(), alert.querySelector("i").className);
    var box = alert.parentNode;
    alert.remove();
    if (!box.children.length) { box.remove(); }
  });

  /* ---- confirmation that names the thing ---- */
  function confirmed(words, then) {
    var back = document.activeElement, box = clone("ct-confirm");
    var keep = box.querySelector("[data-keep]"), go = box.querySelector("[data-go]");
    box.querySelector("h2").textContent = words.confirmTitle;
    box.querySelector(".body").textContent = words.confirmText || "";
    if (words.confirmKeep) { keep.textContent = words.confirmKeep; }
    go.textContent = words.confirmVerb || go.textContent;
    if (words.confirmTone === "danger") { go.className = "btn btn-danger"; }
    var behind = all("body > *:not(script):not(template)");
    behind.forEach(function (el) { el.inert = true; });
    function close() {
      box.remove();
      behind.forEach(function (el) { el.inert = false; });
      var menu = back && back.closest && back.closest("details.dropdown");
      if (menu && !visible(back)) { back = menu.querySelector("summary"); }
      if (back && back.focus) { back.focus(); }
    }
    keep.addEventListener("click", close);
    go.addEventListener("click", function () { close(); then(); });
    box.addEventListener("click", function (event) { if (event.target === box) { close(); } });
    box.addEventListener("keydown", function (event) {
      event.stopPropagation();
      if (event.key === "Escape") { close(); } else { trap(event, box); }
    });
    body.appendChild(box);
    keep.focus();
  }

  /* ---- submitting: ask where asked for, show that it is under way, never send twice (data-again: a form that may) ---- */
  document.addEventListener("submit", function (event) {
    var form = event.target, by = event.submitter;
    if (event.defaultPrevented) { return; }
    if (form.dataset.sent) { event.preventDefault(); return; }
    var words = Object.assign({}, form.dataset, by ? by.dataset : {}); /* a button may say it more exactly than its form */
    if (words.confirmTitle && !form.dataset.confirmed) {
      event.preventDefault();
      var count = all("[name=rowid]:checked").length;
      confirmed({
        confirmTitle: (count === 1 && words.confirmTitleOne || words.confirmTitle).replace("{n}", count), confirmText: (words.confirmText || "").replace("{n}", count),
        confirmVerb: words.confirmVerb, confirmKeep: words.confirmKeep, confirmTone: words.confirmTone
      }, function () {
        form.dataset.confirmed = "1";
        form.requestSubmit(by && by.form === form ? by : undefined);
        delete form.dataset.confirmed;
      });
      return;
    }
    if (form.method === "post" && !("again" in form.dataset)) {
      form.dataset.sent = "1";
      if (by && by.classList.contains("btn")) {
        by.classList.add("is-busy");
        by.setAttribute("aria-disabled", "true");
        if (by.dataset.busy) { by.dataset.idle = by.textContent; by.textContent = by.dataset.busy; }
      }
    }
  });
  document.addEventListener("formdata", function (event) { /* addresses of searches hold only what was asked for */
    if (event.target.method !== "get") { return; }
    Array.from(event.formData.keys()).forEach(function (name) {
      var values = event.formData.getAll(name).filter(function (v) { return v !== ""; });
      event.formData.delete(name);
      values.forEach(function (v) { event.formData.append(name, v); });
    });
  });
  addEventListener("pageshow", function (event) {
    if (!event.persisted) { return; }
    all("form").forEach(function (f) { delete f.dataset.sent; });
    all(".is-busy").forEach(function (b) {
      b.classList.remove("is-busy");
      b.removeAttribute("aria-disabled");
      if (b.dataset.idle) { b.textContent = b.dataset.idle; }
    });
  });

  /* ---- unsaved changes: forms with a foot to save in, left by another way than sending or its own cancel ---- */
  all("form[method=post]").forEach(function (form) {
    var foot = form.querySelector(".ct-formfoot"), dirty = false;
    if (!foot) { return; }
    ["input", "ct:slider"].forEach(function (name) { form.addEventListener(name, function () { dirty = true; }); });
    foot.addEventListener("click", function (event) { if (event.target.closest("a")) { dirty = false; } });
    addEventListener("beforeunload", function (event) { if (dirty && !form.dataset.sent) { event.preventDefault(); } });
  });

  /* ---- required fields: the check mark comes as soon as the value is valid ---- */
  all(".form-group").forEach(function (group) {
    var field = group.querySelector("[required]");
    var boxes = !field && group.querySelector(".ct-req") ? all("input[type=checkbox]", group) : [];
    if (!field && !boxes.length) { return; }
    function look() {
      var good = field ? field.checkValidity() && field.value.trim() !== "" && field.value !== "__None" : boxes.some(function (b) { return b.checked; });
      group.classList.toggle("has-success", good && !group.classList.contains("has-error"));
    }
    function forget() { /* what was said of the old value; the summary above keeps it */
      all(".ct-fielderror", group).forEach(function (said) {
        if (field && said.id) { field.setAttribute("aria-describedby", (field.getAttribute("aria-describedby") || "").replace(said.id, "").trim()); }
        said.remove();
      });
    }
    ["input", "change"].forEach(function (name) {
      group.addEventListener(name, function () { group.classList.remove("has-error"); forget(); if (field) { field.removeAttribute("aria-invalid"); } look(); });
    });
    look();
  });
  var summary = document.querySelector(".ct-errsum[role=alert]");
  if (summary) { summary.focus(); }

  /* ---- selection and its bar ---- */
  all("form.ct-bulk").forEach(function (bar) {
    var boxes = all("[name=rowid]").filter(function (b) { return b.form === bar; });
    var every = document.querySelector("[data-check-all='" + bar.id + "']");
    var label = bar.querySelector("[data-count]");
    function draw() {
      var n = boxes.filter(function (b) { return b.checked; }).length;
      bar.classList.toggle("is-on", n > 0);
      label.textContent = bar.dataset.words.replace("{n}", n);
      if (every) { every.checked = n > 0 && n === boxes.length; every.indeterminate = n > 0 && n < boxes.length; }
    }
    boxes.forEach(function (b) { b.addEventListener("change", draw); });
    if (every) { every.addEventListener("change", function () { boxes.forEach(function (b) { b.checked = every.checked; }); draw(); }); }
    bar.querySelector("[data-clear]").addEventListener("click", function () {
      boxes.forEach(function (b) { b.checked = false; });
      draw();
      if (every) { every.focus(); }
    });
    draw();
  });

  /* ---- slider: range, number, steps and quick values say the same thing; what is typed is never rewritten, the server judges it ---- */
  all("[data-slider]").forEach(function (el) {
    var scope = el.closest("[data-slider-scope]") || el.parentNode, form = el.closest("form"), ask = el.dataset;
    var range = el.querySelector("input[type=range]"), number = el.querySelector("input[type=number]"), word = scope.querySelector("[data-slider-word]"), means = scope.querySelector("[data-slider-means]");
    var low = parseFloat(range.min), high = parseFloat(range.max), first = parseFloat(number.value);
    function within(value) { return Math.max(low, Math.min(high, Math.round(value * 10000) / 10000)); }
    function said(v) { return v === 0 ? ask.zero : Math.abs(v).toLocaleString(root.lang, { minimumFractionDigits: 2, maximumFractionDigits: 4 }) + "\u00a0% " + (v < 0 ? ask.down : ask.up); }
    function becomes(v) {
      var digits = parseInt(means.dataset.digits, 10), amount = means.dataset.base * (1 + v / 100);
      return means.dataset.currency + "\u00a0" + amount.toLocaleString(root.lang, { minimumFractionDigits: digits, maximumFractionDigits: digits });
    }
    function draw(value, from) {
      var v = within(isNaN(value) ? 0 : value);
      if (from !== range) { range.value = v; }
      var zero = -low / (high - low) * 100, at = (v - low) / (high - low) * 100;
      range.parentNode.style.setProperty("--a", Math.min(zero, at) + "%");
      range.parentNode.style.setProperty("--b", Math.max(zero, at) + "%");
      range.setAttribute("aria-valuetext", v === 0 ? ask.zero : Math.abs(v) + " " + ask.percent + " " + (v < 0 ? ask.down : ask.up));
      if (word) { word.textContent = isNaN(value) ? "" : said(value); }
      if (means) {
        means.hidden = isNaN(value) || value !== v;
        means.textContent = means.dataset.sliderMeans.replace("{after}", becomes(v));
      }
      if (form && ask.askTitle) {
        if (value === v && v !== first && Math.abs(v) > parseFloat(ask.askBeyond)) {
          form.dataset.confirmTitle = ask.askTitle.replace("{value}", said(v));
          form.dataset.confirmText = ask.askText;
          form.dataset.confirmVerb = ask.askVerb;
          form.dataset.confirmKeep = ask.askKeep;
        } else { delete form.dataset.confirmTitle; }
      }
    }
    function put(value, from) { var v = within(value); number.value = v === Math.round(v * 100) / 100 ? v.toFixed(2) : v; draw(v, from); number.dispatchEvent(new CustomEvent("ct:slider", { bubbles: true })); }
    range.addEventListener("input", function () { put(parseFloat(range.value), range); });
    number.addEventListener("input", function () { draw(parseFloat(number.value), number); });
    all("[data-step]", el).forEach(function (b) { b.addEventListener("click", function () { put(parseFloat(number.value || 0) + parseFloat(b.dataset.step), b); }); });
    all("[data-set]", scope).forEach(function (b) { b.addEventListener("click", function () { put(parseFloat(b.dataset.set), b); }); });
    draw(first, number);
  });

  /* ---- taxes: what the ticked rates come to, exactly, and a button that ticks what is suggested ---- */
  all("form[data-tax]").forEach(function (form) {
    var word = form.querySelector("[data-tax-sum]"), boxes = all("[data-percent]", form), on = form.querySelector("input[role=switch]"), take = form.querySelector("[data-take]");
    if (!word) { return; }
    var say = new Intl.NumberFormat(root.lang || "en", { maximumFractionDigits: 4 });
    function percent(units) { return say.format(units / 1e4) + "\u00a0%"; }
    function tell() {
      var units = boxes.filter(function (b) { return b.checked; }).map(function (b) { return Math.round(parseFloat(b.dataset.percent) * 1e4); });
      var sum = percent(units.reduce(function (a, b) { return a + b; }, 0));
      if (units.length > 1) { sum = units.map(percent).join(" + ") + " = " + sum; }
      word.textContent = !on.checked ? word.dataset.off : !units.length ? word.dataset.none : (units.length > 1 ? word.dataset.sum : word.dataset.one).replace("{sum}", sum);
    }
    form.addEventListener("change", tell);
    if (take) {
      take.addEventListener("click", function (event) {
        var wanted = take.dataset.take.split(" ");
        event.preventDefault();
        boxes.forEach(function (b) { b.checked = b.checked || wanted.indexOf(b.value) >= 0; });
        on.checked = true;
        on.dispatchEvent(new Event("change", { bubbles: true }));
        on.dispatchEvent(new Event("input", { bubbles: true }));
      });
    }
  });

  /* ---- tags around what is chosen in a text ---- */
  all("[data-rich]").forEach(function (bar) {
    var area = document.getElementById(bar.dataset.rich);
    bar.addEventListener("click", function (event) {
      var button = event.target.closest("[data-tag]");
      if (!button) { return; }
      var tag = button.dataset.tag, from = area.selectionStart, chosen = area.value.slice(from, area.selectionEnd);
      var opening = tag === "a" ? "<a href=\"https://\">" : "<" + tag + ">", inside = chosen, closing = "</" + tag + ">";
      if (tag === "ul") { inside = (chosen || " ").split("\n").filter(function (line) { return line !== ""; }).map(function (line) { return "<li>" + line.trim() + "</li>"; }).join("\n"); opening += "\n"; closing = "\n" + closing; }
      area.setRangeText(opening + inside + closing, from, area.selectionEnd, "end");
      if (tag === "a") { area.setSelectionRange(from + 17, from + 17); } else if (!chosen) { area.setSelectionRange(from + opening.length + (tag === "ul" ? 4 : 0), from + opening.length + (tag === "ul" ? 4 : 0)); }
      area.dispatchEvent(new Event("input", { bubbles: true }));
      area.focus();
    });
  });

  /* ---- a colour: picked or typed ---- */
  all("[data-color-of]").forEach(function (picker) {
    var text = document.getElementById(picker.dataset.colorOf);
    picker.addEventListener("input", function () { text.value = picker.value; text.dispatchEvent(new Event("input", { bubbles: true })); });
    text.addEventListener("input", function () { if (/^#[0-9a-f]{6}$/i.test(text.value)) { picker.value = text.value; } });
  });

  /* ---- the tab that is open, where the tabs scroll sideways ---- */
  all(".nav-tabs > .active").forEach(function (tab) { tab.scrollIntoView({ block: "nearest", inline: "nearest" }); });

  /* ---- a select that jumps (the workspace tree on small screens) ---- */
  all("form[data-jump] select").forEach(function (select) {
    select.addEventListener("change", function () { if (select.value) { location.assign(select.value); } });
  });

  /* ---- clicks ---- */
  document.addEventListener("click", function (event) {
    var t = event.target.closest("[data-theme-toggle], [data-drawer], [data-popover], [data-copy], [data-reveal], .ct-errsum a[href^='#'], [aria-disabled='true']");
    if (!event.target.closest("details.dropdown, .ct-pop")) { closeMenus(); }
    if (!t) { return; }
    if (t.getAttribute("aria-disabled") === "true") { event.preventDefault(); return; }
    if ("themeToggle" in t.dataset) { flipTheme(); }
    if ("drawer" in t.dataset) { drawer(!body.classList.contains("drawer-open")); }
    if ("popover" in t.dataset) {
      closeMenus(t);
      t.setAttribute("aria-expanded", String(t.parentNode.classList.toggle("open")));
    }
    if ("copy" in t.dataset) { copy(t); }
    if ("reveal" in t.dataset) {
      var input = document.getElementById(t.dataset.reveal), show = input.type === "password";
      t.dataset.show = t.dataset.show || t.textContent;
      input.type = show ? "text" : "password";
      t.textContent = show ? t.dataset.hide : t.dataset.show;
      t.setAttribute("aria-pressed", String(show));
    }
    if (t.matches(".ct-errsum a")) {
      var field = document.getElementById(decodeURIComponent(t.hash.slice(1)));
      if (field) { event.preventDefault(); field.scrollIntoView({ block: "center" }); field.focus({ preventScroll: true }); }
    }
  });
  function copy(button) {
    var text = button.dataset.copy, label = button.querySelector("span") || button;
    function done() {
      var before = label.textContent;
      label.textContent = button.dataset.done || before;
      setTimeout(function () { label.textContent = before; }, 2000);
    }
    if (navigator.clipboard && isSecureContext) { navigator.clipboard.writeText(text).then(done, function () { /* refused: the text stays selectable */ }); return; }
    var area = document.createElement("textarea");
    area.value = text;
    button.parentNode.appendChild(area);
    area.select();
    if (document.execCommand("copy")) { done(); }
    area.remove();
    button.focus();
  }

  /* ---- rows: a double click opens, Enter does on a row that has the focus ---- */
  document.addEventListener("dblclick", function (event) {
    var row = event.target.closest("tr[data-open]");
    if (row && !event.target.closest("a, button, input, select, label, summary, .dropdown-menu")) { location.assign(row.dataset.open); }
  });

  /* ---- keys ---- */
  document.addEventListener("keydown", function (event) {
    if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "k") {
      var search = document.querySelector("[data-hotkey]");
      if (search) { event.preventDefault(); search.focus(); search.select(); }
    }
    if (event.key === "Enter" && event.target.matches("tr[data-open]")) { location.assign(event.target.dataset.open); }
    if (body.classList.contains("drawer-open")) {
      if (event.key === "Escape") { drawer(false); } else { trap(event, sidebar); }
      return;
    }
    var details = event.target.closest("details.dropdown[open]") || document.querySelector("details.dropdown[open]");
    if (event.key === "Escape") {
      if (details) { details.open = false; details.querySelector("summary").focus(); }
      var pop = document.querySelector(".ct-pop.open [data-popover]");
      closeMenus();
      if (pop) { pop.focus(); }
    } else if (details && details.contains(event.target)) { walkMenu(event, details); }
  });

  window.Cloudtally = { toast: toast };
})();
