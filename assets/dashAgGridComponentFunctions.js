/* Cells of the customer grid. The server words every value; text of the data only ever becomes text. */
(() => {
  "use strict";
  const cells = (window.dashAgGridComponentFunctions = window.dashAgGridComponentFunctions || {});
  const h = (...parts) => React.createElement(...parts);
  const waiting = (p) => p.value === undefined || p.value === null;

  // A link, so that it can be copied, opened in a new tab and reached by keyboard.
  cells.Customer = (p) => (waiting(p) ? null : h("a", { href: p.value.href, className: "who clip", "data-go": "true", tabIndex: -1 }, p.value.text));
  cells.Persona = (p) => (waiting(p) ? null : h("span", { className: "tag" }, h("span", { className: `mark m${p.value.mark}`, "aria-hidden": true }), p.value.text));
  cells.Band = (p) => (waiting(p) ? null
    : h("span", { className: `pill ${p.value.tone}` },
        h("span", { className: `level l${p.value.level}`, "aria-hidden": true }, h("i"), h("i"), h("i")), p.value.text));
  cells.Share = (p) => (waiting(p) ? null
    : h("span", { className: "share-cell" },
        h("span", { className: "meter", "aria-hidden": true }, h("i", { style: { width: `${p.value.percent}%` } })), h("span", null, p.value.text)));
  cells.Yes = (p) => (waiting(p) ? null : p.value.yes
    ? h("span", { className: "tag" }, h("i", { className: "bi bi-check2", "aria-hidden": true }), p.value.text)
    : h("span", { className: "muted" }, p.value.text));
})();
