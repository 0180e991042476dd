/* Asks for the progress of jobs again and again, until they have ended: then the page is loaded anew. */
(function () {
  "use strict";
  function watch(box) {
    var label = box.querySelector("progress").getAttribute("aria-label"), failures = 0;
    function later() { setTimeout(look, failures ? Math.min(30000, 1000 * Math.pow(2, failures)) : 1000); }
    function look() {
      if (document.hidden) { document.addEventListener("visibilitychange", look, { once: true }); return; }
      fetch(box.dataset.progress, { credentials: "same-origin", redirect: "error" }).then(function (answer) {
        if (!answer.ok) { throw new Error(answer.status); }
        return answer.text();
      }).then(function (text) {
        var fresh = new DOMParser().parseFromString(text, "text/html").querySelector(".ct-progress-body");
        if (!fresh) { throw new Error("no progress"); }
        if (fresh.hasAttribute("data-ended")) { location.reload(); return; }
        fresh.querySelector("progress").setAttribute("aria-label", label);
        box.replaceChildren(fresh);
        failures = 0;
        later();
      }).catch(function () { failures += 1; if (failures < 20) { later(); } });
    }
    later();
  }
  Array.prototype.forEach.call(document.querySelectorAll("[data-progress]"), watch);
}());
