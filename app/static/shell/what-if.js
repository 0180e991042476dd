/* Figures that follow a form: what is entered goes to the server, which saves nothing, and what it says is shown beside. */
(function () {
  "use strict";
  var WAIT = 150, SAY = 300;
  function follow(box) {
    var form = box.closest("form") || document.getElementById(box.dataset.form), figures = box.querySelector("[data-what-if-figures]"), said = box.querySelector("[data-what-if-said]");
    var timer = 0, saying = 0, asked = null, last = "";
    if (!form) { return; }
    function say(text) { clearTimeout(saying); saying = setTimeout(function () { said.textContent = text; }, SAY); }
    function tell(text) {
      var body = document.createElement("div"), line = document.createElement("p");
      body.className = "panel-body"; line.className = "ct-subtle"; line.textContent = text;
      body.appendChild(line);
      figures.replaceChildren(body);
      say(text);
    }
    function ask() {
      var values = new URLSearchParams(new FormData(form)), text = values.toString();
      if (text === last) { return; }
      last = text;
      if (asked) { asked.abort(); }
      var mine = asked = new AbortController();
      box.setAttribute("aria-busy", "true");
      fetch(box.dataset.whatIf + (box.dataset.whatIf.indexOf("?") < 0 ? "?" : "&") + "part=1", {
        method: "POST", body: values, credentials: "same-origin", redirect: "error", signal: mine.signal
      }).then(function (answer) {
        if (!answer.ok && answer.status !== 409 && answer.status !== 422) { throw new Error(answer.status); }
        return answer.text();
      }).then(function (page) {
        var fresh = new DOMParser().parseFromString(page, "text/html").querySelector("[data-what-if-figures]");
        if (!fresh) { throw new Error("no figures"); }
        figures.replaceWith(fresh);
        figures = fresh;
        say(fresh.dataset.said || "");
        box.removeAttribute("aria-busy");
      }).catch(function (problem) {
        if (problem.name === "AbortError") { return; }
        last = "";
        box.removeAttribute("aria-busy");
        tell(box.dataset.failed);
      });
    }
    function later() { clearTimeout(timer); timer = setTimeout(ask, WAIT); }
    ["input", "change", "ct:slider"].forEach(function (name) { form.addEventListener(name, later); });
    tell(box.dataset.busy);
    clearTimeout(saying);
    ask();
  }
  Array.prototype.forEach.call(document.querySelectorAll("[data-what-if]"), follow);
}());
