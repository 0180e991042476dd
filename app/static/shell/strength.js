/* How strong a new password is, as a hint beside its field. It only counts what it sees: nothing is sent or kept, and the
   server decides. Every word comes from the page, already translated. */
(function () {
  "use strict";
  var COMMON = ("password passwort kennwort geheim qwerty qwertz asdf admin welcome willkommen letmein login master hallo hello monkey " +
    "dragon sunshine princess football baseball iloveyou trustno summer winter spring autumn sommer herbst fruehling changeme secret " +
    "shadow superman batman abc pass user test").split(" ");
  var ROWS = ["abcdefghijklmnopqrstuvwxyz", "01234567890", "qwertyuiop", "qwertzuiop", "asdfghjkl", "yxcvbnm", "zxcvbnm"];
  var RULES = {
    length: function (text, number) { return Array.from(text).length >= number; },
    upper: function (text) { return /\p{Lu}/u.test(text); },
    lower: function (text) { return /\p{Ll}/u.test(text); },
    digit: function (text) { return /\p{Nd}/u.test(text); },
    symbol: function (text) { return /[^\p{L}\p{N}]/u.test(text); }
  };

  /* Runs such as "4567" or "asdf" and repetitions are worth their first character and a little. */
  function shortened(text) {
    var kept = text.replace(/(.)\1{2,}/g, "$1").replace(/(.{2,})\1+/g, "$1");
    ROWS.forEach(function (row) {
      [row, row.split("").reverse().join("")].forEach(function (line) {
        for (var size = line.length; size >= 4; size -= 1) {
          for (var at = 0; at + size <= line.length; at += 1) { kept = kept.split(line.slice(at, at + size)).join(line[at]); }
        }
      });
    });
    COMMON.forEach(function (word) { if (word.length > 3) { kept = kept.split(word).join(word[0]); } });
    return kept.replace(/(19|20)\d\d/g, "y");
  }

  /* Bits that a guesser has to get right: by characters, and never more than by words where it is made of words. */
  function bits(password) {
    var text = password.toLowerCase(), kept = shortened(text), pool = 0;
    if (/\p{Ll}/u.test(password)) { pool += 26; }
    if (/\p{Lu}/u.test(password)) { pool += 26; }
    if (/\p{Nd}/u.test(password)) { pool += 10; }
    if (/[^\p{L}\p{N}]/u.test(password)) { pool += 20; }
    if (/[^\x00-\x7f]/.test(password)) { pool += 40; }
    var kinds = new Set(Array.from(kept)).size;
    var found = Math.min(kept.length, kinds * 2) * Math.log2(pool || 1) * 0.8;
    var words = text.split(/[\s._-]+/).filter(Boolean);
    if (words.length > 1 && words.every(function (word) { return /^\p{L}{2,}$/u.test(word); })) {
      found = Math.min(found, new Set(words).size * 14);
    } else if (/^\p{L}+\d{0,4}[^\p{L}\p{N}]?$/u.test(password)) {
      found *= 0.7; /* one word with a tail */
    }
    return found;
  }

  function level(password, isMissing) {
    var found = bits(password);
    if (isMissing || found < 30) { return 1; }
    return found < 42 ? 2 : found < 56 ? 3 : 4;
  }

  Array.prototype.slice.call(document.querySelectorAll(".ct-strength")).forEach(function (box) {
    if (box.dataset.ready) { return; }
    box.dataset.ready = "1";
    var field = document.getElementById(box.dataset.strength), said = box.querySelector("p"), bars = box.querySelectorAll(".ct-pwrow span");
    var words = JSON.parse(box.dataset.words), rules = JSON.parse(box.dataset.rules), timer;
    function draw() {
      var text = field.value;
      box.hidden = !text && document.activeElement !== field;
      var missing = rules.filter(function (rule) {
        var parts = rule[0].split(":");
        return !RULES[parts[0]](text, Number(parts[1] || 0));
      }).map(function (rule) { return rule[1]; });
      var now = text ? level(text, missing.length > 0) : 0;
      box.dataset.level = now;
      bars.forEach(function (bar, at) { bar.classList.toggle("on", at < now); });
      var line = now ? [box.dataset.strengthIs.replace("{word}", words[now - 1])] : [];
      if (missing.length) { line.push(box.dataset.missing.replace("{what}", missing.join(", "))); }
      clearTimeout(timer); /* spoken once, after a pause in typing */
      timer = setTimeout(function () { if (said.textContent !== line.join(" ")) { said.textContent = line.join(" "); } }, 400);
    }
    ["input", "focus", "blur"].forEach(function (name) { field.addEventListener(name, draw); });
    draw();
  });
}());
