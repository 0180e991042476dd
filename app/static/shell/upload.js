/* Sends a large file in pieces, shows how far it is, and goes on after a lost connection. Without it the form is sent whole. */
(function () {
  "use strict";
  var form = document.querySelector("form[data-upload]");
  if (!form || !window.fetch || !File.prototype.slice) { return; }
  var words = form.dataset, input = form.querySelector("input[type=file]"), box = form.querySelector("[data-upload-progress]");
  var bar = box.querySelector("progress"), status = box.querySelector("p"), button = form.querySelector("button[type=submit]");
  var token = form.querySelector("[name=csrf_token]").value, started;
  /* One piece may be sent so often before the upload is given up. */
  var TRIES = 8;

  function say(text) { status.textContent = text; }
  function megabytes(bytes) { return (bytes / 1048576).toFixed(bytes < 10485760 ? 1 : 0); }
  function fill(template, values) { return Object.keys(values).reduce(function (text, name) { return text.replace("{" + name + "}", values[name]); }, template); }
  function show(done, total) {
    var seconds = (Date.now() - started) / 1000, left = done ? Math.ceil((total - done) * seconds / done) : 0;
    var time = left > 90 ? fill(words.minutes, { n: Math.ceil(left / 60) }) : fill(words.seconds, { n: left });
    bar.value = 100 * done / total;
    say(fill(words.sent, { done: megabytes(done), total: megabytes(total) }) + (seconds > 2 && done < total ? " · " + fill(words.left, { time: time }) : ""));
  }
  function fail(texts) {
    window.removeEventListener("beforeunload", ask);
    var old = document.getElementById("error-summary");
    if (old) { old.remove(); }
    box.hidden = true;
    button.disabled = false;
    button.classList.remove("is-busy");
    var list = document.createElement("div");
    list.className = "alert alert-danger";
    list.id = "error-summary";
    list.setAttribute("role", "alert");
    list.tabIndex = -1;
    texts.forEach(function (text) { var p = document.createElement("p"); p.textContent = text; list.appendChild(p); });
    form.parentNode.insertBefore(list, form);
    list.focus();
  }
  function ask(event) { event.preventDefault(); }
  function send(url, values) {
    var body = new FormData();
    body.append("csrf_token", token);
    Object.keys(values).forEach(function (name) { body.append(name, values[name]); });
    return fetch(url, { method: "POST", body: body, credentials: "same-origin", redirect: "error", headers: { "X-Requested-With": "XMLHttpRequest" } });
  }
  function piece(file, url, size, at, tries) {
    return send(url, { at: at, piece: file.slice(at, at + size) }).then(function (answer) {
      if (answer.status >= 500) { throw new Error(answer.status); }
      return answer.json().then(function (said) {
        if (answer.status === 409 && said.received !== undefined && tries < TRIES) { return piece(file, url, size, said.received, tries + 1); }
        if (!answer.ok) { fail(said.errors || [words.failed]); return null; }
        show(said.received, file.size);
        if (said.url) { say(words.handed); window.removeEventListener("beforeunload", ask); location.assign(said.url); return null; }
        return piece(file, url, size, said.received, 0);
      });
    }).catch(function () {
      if (tries >= TRIES) { fail([words.failed]); return null; }
      say(words.lost);
      return new Promise(function (go) { setTimeout(go, Math.min(20000, 500 * Math.pow(2, tries))); }).then(function () { return piece(file, url, size, at, tries + 1); });
    });
  }
  form.addEventListener("submit", function (event) {
    var file = input.files[0];
    if (!file || event.defaultPrevented) { return; }
    event.preventDefault();
    event.stopImmediatePropagation();
    button.disabled = true;
    button.classList.add("is-busy");
    box.hidden = false;
    started = Date.now();
    show(0, file.size || 1);
    window.addEventListener("beforeunload", ask);
    var values = { file_name: file.name, size: file.size };
    ["provider", "month", "source"].forEach(function (name) { values[name] = form.elements[name].value; });
    send(words.upload, values).then(function (answer) {
      return answer.json().then(function (said) {
        if (!answer.ok) { fail(said.errors || [words.failed]); return null; }
        return piece(file, said.url, said.piece, 0, 0);
      });
    }).catch(function () { fail([words.failed]); });
  }, true);
}());
