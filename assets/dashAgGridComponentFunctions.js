/* Cells of the customer grid. The server words every value; text of the data only ever becomes text. */
(() => {
  "use strict";
  const cells = (window.dashAgGridComponentFunctions = window.dashAgGridComponentFunctions || {});
  const h = (...parts) => React.createElement(...parts);
  const absent = (p) => p.value === undefined || p.value === null;
  // Of a row that has not come yet a bar; of one without the value nothing.
  const blank = (p) => (p.data ? null : h("span", { className: "skeleton cell-wait", "aria-hidden": true }));

  // A head is a link: the order of the rows stands in the address.
  cells.Head = (p) => {
    if (p.eGridHeader) p.eGridHeader.setAttribute("aria-sort", p.way || "none");
    const arrow = p.way && h("i", { className: `bi bi-arrow-${p.way === "descending" ? "down" : "up"}`, "aria-hidden": true });
    return h("a", { href: p.href, className: `head${p.right ? " right" : ""}`, "data-go": "true", tabIndex: -1 }, arrow, p.displayName);
  };
  // A link, so that it can be copied, opened in a new tab and reached by keyboard.
  cells.Customer = (p) => (absent(p) ? blank(p) : h("a", { href: p.value.href, className: "who clip", title: p.value.text, "data-go": "true", tabIndex: -1 }, p.value.text));
  cells.Persona = (p) => (absent(p) ? blank(p) : h("span", { className: "tag" }, h("span", { className: `mark m${p.value.mark}`, "aria-hidden": true }), p.value.text));
  cells.Band = (p) => (absent(p) ? blank(p)
    : h("span", { className: `pill ${p.value.tone}` },
        h("span", { className: `level l${p.value.level}`, "aria-hidden": true }, h("i"), h("i"), h("i")), p.value.text));
  cells.Share = (p) => (absent(p) ? blank(p)
    : h("span", { className: "share-cell" },
        h("span", { className: "meter", "aria-hidden": true }, h("i", { style: { width: `${p.value.percent}%` } })), h("span", null, p.value.text)));
  cells.Yes = (p) => (absent(p) ? blank(p) : p.value.yes
    ? h("span", { className: "tag" }, h("i", { className: "bi bi-check2", "aria-hidden": true }), p.value.text)
    : h("span", { className: "muted" }, p.value.text));
})();
