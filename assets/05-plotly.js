/* Figures are drawn by the strict bundle of plotly.js, which compiles no code in the browser: the
   ordinary one builds its WebGL programs with `new Function`, and our policy forbids that. Dash
   still loads it only when a page has a figure. */
Object.defineProperty(window, "_dashPlotlyJSURL", {
  get: () => "/assets/plotly-strict.min.js",
  set: () => {},
});
