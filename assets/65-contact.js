/* A page whose server is gone says so, and is drawn anew as soon as it answers. */
(function () {
  "use strict";
  var FIRST = 2000;
  var LONGEST = 10000; /* between two looks: one small request, and somebody waits before it */
  var CALM = 60000; /* a page that has lived so long after a reload was drawn well by it */
  var KEY = "spendboard-reloaded";
  var since = null;
  var leaving = false;
  var timer = null; /* of the next look */
  var PATIENCE = 5000; /* a look without an answer is no answer: a connection may hang for minutes */
  var asked = null; /* what ends the look under way */
  var drawAnew = null; /* while a reload is put off */

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
    button.addEventListener("click", tried);
    box.append(words, button);
    document.body.append(box);
  }

  /* A server that answers but cannot draw this page must not make it reload without end: each
     reload soon after another one waits twice as long as that did, up to a minute. */
  function patience() {
    var last = {};
    try {
      last = JSON.parse(window.sessionStorage.getItem(KEY)) || {};
    } catch (unreadable) {
      last = {};
    }
    var ago = Date.now() - (Number(last.at) || 0);
    if (ago > CALM) return { wait: 0, step: FIRST };
    var step = Math.min(CALM, Number(last.step) || FIRST);
    return { wait: Math.max(0, step - ago), step: 2 * step };
  }

  function reload() {
    var next = patience();
    drawAnew = function () {
      window.clearTimeout(timer);
      try {
        window.sessionStorage.setItem(KEY, JSON.stringify({ at: Date.now(), step: next.step }));
      } catch (blocked) {
        /* then it is not counted */
      }
      window.location.reload();
    };
    timer = window.setTimeout(drawAnew, next.wait);
  }

  function look(after) {
    window.clearTimeout(timer);
    if (asked) asked.abort();
    asked = null;
    timer = window.setTimeout(function () {
      var next = Math.min(LONGEST, 2 * Math.max(after, FIRST / 2));
      var mine = new AbortController();
      var limit = window.setTimeout(function () { mine.abort(); }, PATIENCE);
      asked = mine;
      function done(isThere) {
        window.clearTimeout(limit);
        if (asked !== mine) return; /* somebody has begun another look */
        asked = null;
        if (isThere) reload();
        else look(next);
      }
      fetched("/healthz", { cache: "no-store", signal: mine.signal }).then(function (answer) {
        done(answer.ok);
      }, function () { done(false); });
    }, after);
  }

  /* Somebody looks, or the network is back: no reason to wait for the next turn, nor for a look
     that hangs. A reload that is put off stays so: it is for a page that nobody can help. */
  function now() {
    if (since && !drawAnew) look(0);
  }

  /* Whoever asks for it gets it. */
  function tried() {
    if (drawAnew) drawAnew();
    else now();
  }

  function lost() {
    if (since || leaving) return;
    since = new Date();
    notice();
    look(FIRST);
  }

  window.addEventListener("focus", now);
  window.addEventListener("online", now);
  document.addEventListener("visibilitychange", function () {
    if (!document.hidden) now();
  });

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
