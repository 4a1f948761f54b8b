/* The little that the shell does in the browser: links inside the app, menus, theme, copying. */
(function () {
  "use strict";
  var root = document.documentElement;
  var STORE = "spendboard-theme";

  /* Navigation. Every state of the app is an address, so a click only changes the address. */
  function go(href) {
    var before = window.location.pathname;
    window.history.pushState({}, "", href);
    window.dispatchEvent(new CustomEvent("_dashprivate_pushstate"));
    if (window.location.pathname !== before) {
      window.scrollTo(0, 0);
      var content = document.getElementById("content");
      if (content) content.focus({ preventScroll: true });
    }
  }

  /* A link that filters is often gone once it has: the focus then stays where it was. */
  function keepFocus(link) {
    var near = link.closest("[id]:not(a)");
    if (!near) return;
    var id = near.id;
    var tries = 0;
    var timer = window.setInterval(function () {
      tries += 1;
      if (document.activeElement && document.activeElement !== document.body) {
        if (tries > 5) window.clearInterval(timer);
      } else {
        window.clearInterval(timer);
        var home = document.getElementById(id);
        if (home) {
          if (!home.hasAttribute("tabindex")) home.setAttribute("tabindex", "-1");
          home.focus({ preventScroll: true });
        }
      }
      if (tries > 20) window.clearInterval(timer);
    }, 100);
  }

  function closeMenus(except) {
    document.querySelectorAll("details.menu[open]").forEach(function (menu) {
      if (menu !== except) menu.removeAttribute("open");
    });
  }

  function say(text) {
    var region = document.getElementById("announce");
    if (region) region.textContent = text;
  }

  /* Whoever does not see the number change is told it, once it has settled. */
  var told = null;
  var settling = null;
  function tell() {
    window.clearTimeout(settling);
    settling = window.setTimeout(function () {
      var number = document.getElementById("selected-of");
      var words = document.getElementById("selected-words");
      if (!number || !words) return;
      var text = number.textContent + ": " + words.textContent;
      if (told !== null && text !== told) say(text);
      told = text;
    }, 400);
    return window.dash_clientside.no_update;
  }

  function copied(button) {
    var label = button.querySelector("[data-label]");
    if (!label) return;
    var before = label.textContent;
    label.textContent = "Copied";
    say("Link copied");
    window.setTimeout(function () {
      label.textContent = before;
    }, 1600);
  }

  function copyLink(button) {
    var text = window.location.href;
    if (navigator.clipboard && window.isSecureContext) {
      navigator.clipboard.writeText(text).then(function () {
        copied(button);
      }, function () { fallbackCopy(text, button); });
    } else {
      fallbackCopy(text, button);
    }
  }

  function fallbackCopy(text, button) {
    var area = document.createElement("textarea");
    area.value = text;
    area.style.position = "fixed";
    area.style.opacity = "0";
    document.body.appendChild(area);
    area.select();
    var done = document.execCommand("copy");
    area.remove();
    button.focus();
    if (done) copied(button);
    else window.prompt("Copy this link", text);
  }

  function setTheme(name, keep) {
    root.dataset.bsTheme = name;
    if (keep) {
      try {
        window.localStorage.setItem(STORE, name);
      } catch (blocked) {
        /* the choice then lasts until the page is left */
      }
    }
    if (window.dash_clientside && window.dash_clientside.set_props) {
      window.dash_clientside.set_props("theme", { data: name });
    }
  }

  function menu(open) {
    var shell = document.getElementById("shell");
    if (!shell) return;
    shell.classList.toggle("menu-open", open);
    var target = open ? ".rail .nav-link" : ".menu-btn";
    var focus = shell.querySelector(target);
    if (focus) focus.focus();
  }

  function plainClick(event) {
    return event.button === 0 && !event.metaKey && !event.ctrlKey && !event.shiftKey && !event.altKey;
  }

  document.addEventListener("click", function (event) {
    var element = event.target instanceof Element ? event.target : null;
    if (!element) return;
    closeMenus(element.closest("details.menu"));
    var shell = document.getElementById("shell");
    if (shell && shell.classList.contains("menu-open") && !element.closest(".rail") && !element.closest("[data-menu]")) menu(false);
    var button = element.closest("[data-retry], [data-copy], [data-theme-switch], [data-menu], [data-reload], [data-set]");
    if (button) {
      if (button.dataset.retry) {
        window.dash_clientside.set_props(button.dataset.retry + "-retry", { data: Date.now() });
      } else if (button.dataset.set) {
        window.dash_clientside.set_props(button.dataset.set, { data: button.dataset.value });
      } else if (button.dataset.copy) copyLink(button);
      else if (button.dataset.themeSwitch) setTheme(root.dataset.bsTheme === "dark" ? "light" : "dark", true);
      else if (button.dataset.menu) menu(button.dataset.menu === "open");
      else if (button.dataset.reload) {
        event.preventDefault();
        window.location.reload();
      }
      return;
    }
    var link = element.closest("a[data-go]");
    if (link && plainClick(event) && !event.defaultPrevented) {
      event.preventDefault();
      closeMenus(null);
      if (shell) shell.classList.remove("menu-open");
      keepFocus(link);
      go(link.getAttribute("href"));
    }
  });

  /* A menu near the right edge opens to the left. */
  document.addEventListener("toggle", function (event) {
    var menu = event.target;
    if (menu instanceof Element && menu.matches(".filter-group") && menu.open && menu.contains(document.activeElement)) {
      menu.scrollIntoView({ block: "nearest" });
    }
    if (!(menu instanceof Element) || !menu.matches("details.menu") || !menu.open) return;
    var pop = menu.querySelector(".menu-pop");
    if (!pop) return;
    pop.style.marginLeft = "";
    var box = pop.getBoundingClientRect();
    var room = document.documentElement.clientWidth - 8;
    if (box.right > room) pop.style.marginLeft = Math.max(8 - box.left, room - box.right) + "px";
  }, true);

  /* Forms: the search goes to an address, a filter form presses its own button. */
  document.addEventListener("submit", function (event) {
    var form = event.target;
    if (form.dataset.go) {
      event.preventDefault();
      var values = new URLSearchParams();
      new FormData(form).forEach(function (value, key) {
        if (String(value).trim()) values.append(key, String(value).trim());
      });
      var query = values.toString();
      go(form.getAttribute("action") + (query ? "?" + query : ""));
    } else if (form.dataset.plain) {
      event.preventDefault(); /* its button already answered the click, or Enter pressed it */
    }
  });

  document.addEventListener("keydown", function (event) {
    if (event.key !== "Escape") return;
    var open = document.querySelector("details.menu[open]");
    if (open) {
      open.removeAttribute("open");
      var summary = open.querySelector("summary");
      if (summary) summary.focus();
    } else if (document.querySelector(".shell.menu-open")) {
      menu(false);
    }
  });

  window.addEventListener("_dashprivate_pushstate", function () { closeMenus(null); });
  window.addEventListener("popstate", function () { closeMenus(null); });

  window.matchMedia("(prefers-color-scheme: dark)").addEventListener("change", function (query) {
    var chosen = null;
    try {
      chosen = window.localStorage.getItem(STORE);
    } catch (blocked) {
      chosen = null;
    }
    if (!chosen) setTheme(query.matches ? "dark" : "light", false);
  });

  /* A page drawn from data that the server no longer holds is loaded anew. */
  var fetched = window.fetch;
  window.fetch = function () {
    return fetched.apply(this, arguments).then(function (answer) {
      if (answer.status === 409 && answer.url.indexOf("_dash-update-component") !== -1) {
        window.location.reload();
      }
      return answer;
    });
  };

  window.dash_clientside = Object.assign({}, window.dash_clientside, {
    spendboard: {
      theme: function () {
        return root.dataset.bsTheme || "light";
      },
      tell: tell,
      title: function (title) {
        if (title) document.title = title;
        return window.dash_clientside.no_update;
      },
      follow: function (query) {
        return typeof query === "string" ? query : window.dash_clientside.no_update; /* "" is all */
      },
      drill: function (click, graph) {
        if (!click || !click.points || !click.points.length) return;
        var found = click.points[0].customdata;
        if (Array.isArray(found)) found = found[found.length - 1];
        window.dash_clientside.set_props(graph, { clickData: null });
        if (typeof found === "string" && found.charAt(0) === "/") go(found);
      },
    },
  });
  window.spendboard = { go: go };
})();
