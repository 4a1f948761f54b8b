/* Drawing on the map: a box or a lasso becomes the area of the address. */
(() => {
  "use strict";
  const MOST = 20; // corners that the address holds
  const round = (number) => Number(number.toFixed(3));

  // Distance of a point from the line between two others, in parts of the map's size.
  function offLine([x, y], [x1, y1], [x2, y2]) {
    const length = Math.hypot(x2 - x1, y2 - y1);
    if (length === 0) return Math.hypot(x - x1, y - y1);
    return Math.abs((x2 - x1) * (y1 - y) - (x1 - x) * (y2 - y1)) / length;
  }

  // Ramer, Douglas and Peucker: leaves out corners that lie within `slack` of the line without them.
  function thinned(points, slack) {
    if (points.length < 3) return points;
    let far = 0;
    let most = 0;
    for (let place = 1; place < points.length - 1; place += 1) {
      const off = offLine(points[place], points[0], points[points.length - 1]);
      if (off > most) [far, most] = [place, off];
    }
    if (most <= slack) return [points[0], points[points.length - 1]];
    return [...thinned(points.slice(0, far + 1), slack).slice(0, -1), ...thinned(points.slice(far), slack)];
  }

  function lasso({ x, y }) {
    const points = x.map((value, place) => [value, y[place]]);
    const size = Math.max(...x) - Math.min(...x) + (Math.max(...y) - Math.min(...y));
    let kept = points;
    for (let slack = size / 2000; kept.length > MOST; slack *= 1.3) kept = thinned(points, slack);
    return kept.length > 2 ? kept.flat().map(round).join(",") : null;
  }

  function area(selected) {
    const none = window.dash_clientside.no_update;
    if (!selected) return none;
    if (selected.range) {
      const { x, y } = selected.range;
      return { box: [Math.min(...x), Math.min(...y), Math.max(...x), Math.max(...y)].map(round).join(","), drawn: Date.now() };
    }
    const corners = selected.lassoPoints && lasso(selected.lassoPoints);
    return corners ? { lasso: corners, drawn: Date.now() } : none;
  }

  window.dash_clientside = Object.assign({}, window.dash_clientside, { spendboardMap: { area } });
})();
