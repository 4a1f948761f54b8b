/* A page whose server is gone says so, and is drawn anew as soon as it answers. */
(function () {
  "use strict";
  var FIRST = 2000;
  var LONGEST = 60000; /* between two looks, and between two reloads */
  var KEY = "spendboard-reloaded";
  var since = null;
  var leaving = false;

  function clock(date) {
    return String(date.getHours()).padStart(2, "0") + ":" + String(date.getMinutes()).padStart(2, "0");
  }

  function notice() {
    var box = document.createElement("div");
    box.id = "contact-lost";
    box.className = "contact-lost";
    box.setAttribute("role", "alert");
    var words = document.createElement("span");
    words.textContent = "The server has not answered since " + clock(since) +
      ". What you see may be old. The page is drawn anew as soon as it answers.";
    var button = document.createElement("button");
    button.type = "button";
    button.className = "btn btn-quiet";
    button.textContent = "Try now";
    button.addEventListener("click", function () { look(0); });
    box.append(words, button);
    document.body.append(box);
  }

  function reload() {
    /* A server that answers but cannot draw this page must not make it reload without end. */
    var last = Number(window.sessionStorage.getItem(KEY)) || 0;
    var wait = Math.max(0, last + LONGEST - Date.now());
    window.setTimeout(function () {
      window.sessionStorage.setItem(KEY, String(Date.now()));
      window.location.reload();
    }, wait);
  }

  function look(after) {
    window.setTimeout(function () {
      fetched("/healthz", { cache: "no-store" }).then(function (answer) {
        if (answer.ok) reload();
        else look(Math.min(LONGEST, 2 * after || FIRST));
      }, function () {
        if (after) look(Math.min(LONGEST, 2 * after));
      });
    }, after);
  }

  function lost() {
    if (since || leaving) return;
    since = new Date();
    notice();
    look(FIRST);
  }

  window.addEventListener("pagehide", function () { leaving = true; });

  var fetched = window.fetch;
  window.fetch = function (what) {
    var answered = fetched.apply(this, arguments);
    var address = String((what && what.url) || what);
    if (address.indexOf("_dash-update-component") === -1) return answered;
    answered.then(function (answer) {
      /* What a proxy says of a server that is gone; any other fault is one callback's own. */
      if (answer.status >= 502 && answer.status <= 504) lost();
    }, function (error) {
      if (!error || error.name !== "AbortError") window.setTimeout(lost, 200);
    });
    return answered;
  };
})();
