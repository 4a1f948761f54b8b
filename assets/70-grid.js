/* The grid of customers: asks anew when the address changes, and answers to the keyboard. */
(() => {
  "use strict";
  const GRID = "customers-grid";
  const ROW = 36; // px
  const PAGE = 100; // rows, as the address counts them
  const within = (event, selector) => (event.target instanceof Element ? event.target.closest(`#${GRID} ${selector}`) : null);

  // The place in the list stands in the address: Back from a customer, a reload and a link lead there.
  // `wanted` is the row to go to as soon as it is known how many there are; a page beyond is the last.
  let wanted = null;
  let shown = null; // the grid whose place this is; a page that is left and entered again has a new one
  let asked = null; // the list that it shows, whatever its columns
  let pending = null; // a place that is not written yet, and of which address it is
  const here = () => window.location.pathname + window.location.search;

  function place() {
    const page = Number(new URLSearchParams(window.location.search).get("page"));
    return Number.isInteger(page) && page > 1 ? (page - 1) * PAGE : 0;
  }
  function list() {
    const keys = new URLSearchParams(window.location.search);
    ["columns", "page"].forEach((key) => keys.delete(key));
    return `${window.location.pathname}?${keys}`;
  }

  // What else is in the address stays as it was written; the key stands where the alphabet wants it.
  function withPage(page) {
    const pairs = window.location.search.replace(/^\?/, "").split("&").filter((pair) => pair && !/^page=/.test(pair));
    const behind = pairs.findIndex((pair) => pair.split("=")[0] > "page");
    if (page > 1) pairs.splice(behind < 0 ? pairs.length : behind, 0, `page=${page}`);
    return window.location.pathname + (pairs.length ? `?${pairs.join("&")}` : "") + window.location.hash;
  }
  function remember() {
    if (!pending) return;
    const { page, at, timer } = pending;
    pending = null;
    clearTimeout(timer);
    // Only where it was scrolled: a page that comes slowly has its address already.
    if (here() === at && place() !== (page - 1) * PAGE) window.history.replaceState(window.history.state, "", withPage(page));
  }
  function keep(first) {
    clearTimeout(pending && pending.timer);
    pending = { page: Math.max(1, Math.ceil(first / PAGE)), at: here(), timer: setTimeout(remember, 300) };
  }
  // Whoever leaves at once has her place written before the address changes.
  document.addEventListener("click", remember, true);
  document.addEventListener("keydown", (event) => event.key === "Enter" && remember(), true);

  function ask() {
    const grid = window.dash_ag_grid && document.getElementById(GRID) && window.dash_ag_grid.getApi(GRID);
    const isSame = asked === list(); // other columns, or asked once more: the same rows in the same order
    asked = list();
    wanted = place() || (isSame && grid ? Math.floor(grid.getVerticalPixelRange().top / ROW) : 0);
    clearTimeout(pending && pending.timer);
    pending = null;
    if (grid) {
      if (!wanted) grid.ensureIndexVisible(0, "top");
      grid.purgeInfiniteCache();
    }
    return window.dash_clientside.no_update;
  }

  // A click or Enter anywhere in a row opens the customer; so does Enter on a head sort.
  function open(row, event) {
    if (within(event, "a") || String(window.getSelection())) return;
    const link = row.querySelector("a.who") || document.querySelector(`#${GRID} [row-index="${row.getAttribute("row-index")}"] a.who`);
    if (link) link.click();
  }

  document.addEventListener("click", (event) => {
    const row = within(event, ".ag-row");
    if (row && event.button === 0) open(row, event);
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Enter") return;
    const row = within(event, ".ag-row");
    const head = within(event, ".ag-header-cell");
    if (row) open(row, event);
    else if (head && head.querySelector("a")) head.querySelector("a").click();
  });

  // The menu of columns stays open while its links work; it closes outside of it, and with Esc.
  const menus = () => document.querySelectorAll("details.chooser[open]");
  document.addEventListener("click", (event) => {
    menus().forEach((menu) => {
      if (!menu.contains(event.target)) menu.removeAttribute("open");
    });
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    menus().forEach((menu) => {
      menu.removeAttribute("open");
      menu.querySelector("summary").focus();
    });
  });

  window.dash_clientside = Object.assign({}, window.dash_clientside, { spendboardGrid: { ask } });

  // The name may have what the other columns do not need: a long one is cut only where all is full.
  const [NARROW, WIDE] = [176, 280];
  function widenName(api) {
    const room = document.getElementById(GRID).clientWidth;
    const others = api.getAllDisplayedColumns().filter((column) => !column.isPinned());
    const needed = others.reduce((sum, column) => sum + (column.getMinWidth() || 0), 0);
    const width = Math.round(Math.min(WIDE, Math.max(NARROW, NARROW + (room - NARROW - needed) / 3)));
    const name = api.getColumn("customer");
    if (name && name.getActualWidth() !== width) api.setColumnWidths([{ key: "customer", newWidth: width }]);
  }

  const functions = (window.dashAgGridFunctions = window.dashAgGridFunctions || {});
  functions.spendboardLeave = () => false;
  functions.spendboardRows = (params) => {
    const words = document.getElementById("rows-shown");
    if (!words) return;
    if (shown !== params.api) [shown, wanted, asked] = [params.api, place(), list()];
    widenName(params.api);
    const total = params.api.getDisplayedRowCount();
    const { top, bottom } = params.api.getVerticalPixelRange();
    const first = Math.min(total, Math.floor(top / ROW) + 1);
    const last = Math.min(total, Math.max(first, Math.floor(bottom / ROW)));
    if (!params.api.isLastRowIndexKnown()) return; // the grid guesses until the first rows come
    if (wanted !== null) {
      const row = Math.min(wanted, total - 1);
      wanted = null;
      if (row > 0) return params.api.ensureIndexVisible(row, "top"); // which reports the rows anew
    }
    if (asked === list()) keep(first); // not while another page or list is on its way
    words.textContent = total ? `Rows ${first.toLocaleString("en-GB")} to ${last.toLocaleString("en-GB")} of ${total.toLocaleString("en-GB")}` : "";
  };
})();
