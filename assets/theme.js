/* Runs before the first paint, so that a page never flashes in the wrong theme. */
(function () {
  var chosen = null;
  try {
    chosen = window.localStorage.getItem("spendboard-theme");
  } catch (blocked) {
    /* storage may be forbidden; the system's preference decides then */
  }
  var dark = window.matchMedia("(prefers-color-scheme: dark)").matches;
  document.documentElement.dataset.bsTheme = chosen || (dark ? "dark" : "light");
})();
