/* The editor of a mail's text: puts tags and variables in at the cursor, and shows the mail anew while one types.
   Without it everything works by the buttons below the text. */
(function () {
  "use strict";
  var form = document.querySelector("[data-mail-editor]");
  if (!form) { return; }
  var area = form.querySelector("[data-mail-text]"), subject = form.querySelector("[name=subject]");
  var preview = document.getElementById("preview"), nonce = document.currentScript ? document.currentScript.nonce : "";
  var last = area, timer, running = null;
  [area, subject].forEach(function (field) { field.addEventListener("focus", function () { last = field; }); });

  function put(field, before, after, sample) {
    var from = field.selectionStart, to = field.selectionEnd, inside = field.value.slice(from, to) || sample || "";
    field.focus();
    field.setRangeText(before + inside + after, from, to, "end");
    var at = from + before.length;
    field.setSelectionRange(at, at + inside.length);
    field.dispatchEvent(new Event("input", { bubbles: true }));
  }
  form.querySelectorAll("[data-before]").forEach(function (button) {
    button.addEventListener("click", function () { put(area, button.dataset.before, button.dataset.after, button.dataset.sample); });
  });
  form.querySelector("[data-variables]").addEventListener("change", function (event) {
    if (event.target.value) { put(last, event.target.value, "", ""); }
    event.target.value = "";
  });

  function show() {
    var body = new FormData(form);
    body.set("do", "preview");
    if (running) { running.abort(); }
    running = new AbortController();
    fetch(location.pathname, { method: "POST", body: body, credentials: "same-origin", signal: running.signal, headers: { "X-Requested-With": "XMLHttpRequest" } })
      .then(function (answer) { return answer.ok ? answer.text() : Promise.reject(new Error(String(answer.status))); })
      .then(function (html) {
        /* The frame's styles carry the nonce of the page that they came with; they have to carry this page's. */
        var page = new DOMParser().parseFromString(html, "text/html");
        var shown = page.querySelector("iframe").getAttribute("srcdoc").replace(/nonce="[^"]*"/g, 'nonce="' + nonce + '"');
        var frame = preview.querySelector("iframe");
        if (frame.getAttribute("srcdoc") !== shown) { frame.setAttribute("srcdoc", shown); }
        ["strong", "pre"].forEach(function (part) { preview.querySelector(part).textContent = page.querySelector(part).textContent; });
      })
      .catch(function () { /* the next key tries again, and the button below the text does it without a script */ });
  }
  [area, subject].forEach(function (field) {
    field.addEventListener("input", function () { clearTimeout(timer); timer = setTimeout(show, 400); });
  });
})();
